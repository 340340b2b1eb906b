import type { MqttClient, Packet } from "mqtt";
import { writeToStream } from "mqtt-packet";

/** What MQTT.js keeps in memory and a link never needs. */

/**
 * MQTT.js would keep all 65,536 message ids as buffers, 7 MiB of heap in a recorder that has 110 MiB in all:
 * each is made when it is needed. The package is the one that MQTT.js itself loads, pinned to the same version.
 */
export function keepNoNumbers(): void {
  (writeToStream as unknown as { cacheNumbers: boolean }).cacheNumbers = false;
}

/** What MQTT.js does with a packet of QoS 1, behind its types. */
interface Inner {
  _storeAndSend(packet: Packet, done: (error?: Error) => void, stored: () => void): void;
  _writePacket(packet: Packet, done: (error?: Error) => void): void;
}

/**
 * MQTT.js would copy every payload and keep the copy until its PUBACK, for a replay that a link never makes:
 * only the packet's number is kept, by which the PUBACK finds it.
 */
export function keepNoPayloads(client: MqttClient): void {
  const inner = client as unknown as Inner;
  inner._storeAndSend = (packet, done, stored) => {
    client.outgoingStore.put({ cmd: packet.cmd, messageId: packet.messageId } as Packet, () => {
      stored();
      inner._writePacket(packet, done);
    });
  };
}
