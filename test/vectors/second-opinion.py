"""Checks the golden vectors with Python's standard library and none of our code.

Canonical bytes, SHA-256 over everything that is hashed, keys' names, Merkle proofs, DSSE encoding.
Signatures are openssl's part. Prints how many checks it made; exits 1 at the first that fails.
"""

import base64
import hashlib
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
checks = 0


def load(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def same(what, found, expected):
    global checks
    checks += 1
    if found != expected:
        raise SystemExit(f"{what}: found {found!r}, expected {expected!r}")


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(body):
    return sha256(b"\x00" + body)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def canonical(value):
    """RFC 8785 for ASCII keys and integers."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def root(leaves):
    """RFC 9162 section 2.1.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(root(leaves[:k]), root(leaves[k:]))


def inclusion_path(m, leaves):
    """RFC 9162 section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return inclusion_path(m, leaves[:k]) + [root(leaves[k:])]
    return inclusion_path(m - k, leaves[k:]) + [root(leaves[:k])]


def consistency_path(m, leaves, known=True):
    """RFC 9162 section 2.1.4.1."""
    n = len(leaves)
    if m == n:
        return [] if known else [root(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return consistency_path(m, leaves[:k], known) + [root(leaves[k:])]
    return consistency_path(m - k, leaves[k:], False) + [root(leaves[:k])]


def pre_auth_encoding(kind, body):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)


def key_id(name, kind, public_key):
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key)[:4]


def check_line(line, vkey):
    """The key id that a signature line carries is the vkey's. Returns what follows it."""
    name, hex_id, body = vkey.split("+", 2)
    raw = base64.b64decode(body)
    same("key id of " + name, key_id(name, raw[0], raw[1:]).hex(), hex_id)
    dash, line_name, payload = line.split(" ")
    decoded = base64.b64decode(payload)
    same("line", (dash, line_name, decoded[:4].hex()), ("\u2014", name, hex_id))
    return decoded[4:]


for vector in load("canonical.json")["accepted"]:
    same(vector["name"], canonical(json.loads(vector["loose"])), vector["body"])
    same(vector["name"] + ": leaf", leaf_hash(vector["body"].encode()).hex(), vector["leaf"])

for key in load("keys.json"):
    public_key = bytes.fromhex(key["public_key"])
    same("kid", sha256(public_key)[:8].hex(), key["kid"])
    same("device id", sha256(public_key).hex()[:32], key["device_id"])
    name, hex_id, body = key["vkey"].split("+", 2)
    raw = base64.b64decode(body)
    same("vkey", raw[1:], public_key)
    same("key id", key_id(name, raw[0], public_key).hex(), hex_id)

previous = "0" * 64
for entry in load("entries.json"):
    body = json.loads(entry["body"])
    same("entry bytes", canonical(body), entry["body"])
    same("prev", body["prev"], previous)
    previous = leaf_hash(entry["body"].encode()).hex()
    same("leaf", previous, entry["leaf"])
    same("signers", [sha256(bytes.fromhex(k))[:8].hex() for k in entry["signers"]],
         [s["kid"] for s in json.loads(entry["sigs"])])
    same("sigs", canonical(json.loads(entry["sigs"])), entry["sigs"])
    signed = pre_auth_encoding("application/vnd.fulltrace.entry.v1+json", entry["body"].encode())
    same("signed", base64.b64encode(signed).decode(), entry["signed"])

tree = load("tree.json")
leaves = [bytes.fromhex(leaf) for leaf in tree["leaves"]]
for size, expected in enumerate(tree["roots"]):
    same(f"root of {size}", root(leaves[:size]).hex(), expected)
for proof in tree["inclusion"]:
    path = inclusion_path(proof["index"], leaves[: proof["size"]])
    same("inclusion", [p.hex() for p in path], proof["path"])
for proof in tree["consistency"]:
    path = consistency_path(proof["first"], leaves[: proof["second"]])
    same("consistency", [p.hex() for p in path], proof["path"])

checkpoint = load("checkpoint.json")
entry_leaves = [leaf_hash(entry["body"].encode()) for entry in load("entries.json")]
origin, size, root_text = checkpoint["text"].splitlines()
same("size", int(size), len(entry_leaves))
same("root", base64.b64decode(root_text), root(entry_leaves))
same("note", checkpoint["note"].startswith(checkpoint["text"] + "\n\u2014 "), True)
check_line(checkpoint["note"].splitlines()[4], checkpoint["device_vkey"])
payload = check_line(checkpoint["cosignature"], checkpoint["witness_vkey"])
same("time", struct.unpack(">Q", payload[:8])[0], checkpoint["time_s"])
same("cosigned", checkpoint["cosigned"], "cosignature/v1\ntime %d\n%s" % (checkpoint["time_s"], checkpoint["text"]))

receipt = load("receipt.json")
envelope = json.loads(receipt["envelope"])
same("envelope", canonical(envelope), receipt["envelope"])
same("digest", sha256(receipt["envelope"].encode()).hex(), receipt["digest"])
payload = base64.b64decode(envelope["payload"])
same("payload", canonical(json.loads(payload)), receipt["payload"])
same("receipt root", json.loads(payload)["root"], root(entry_leaves).hex())
signed = pre_auth_encoding(envelope["payloadType"], payload)
same("receipt signed", base64.b64encode(signed).decode(), receipt["signed"])

print(checks)
