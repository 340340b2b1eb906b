import type { Phrase } from "../phrase.ts";

/** The doctor on the way to the receiver. */
export const networkWords = {
  route: { en: "network route", zh: "网络路由" },
  routeWhy: { en: "without a network evidence stays here", zh: "没有网络，证据只存于此" },
  routeNext: { en: "plug in the cable, or join the network", zh: "插好网线或接入网络" },
  routeSeen: { en: "{names}", zh: "{names}" },
  routeNone: { en: "no address but this machine's own", zh: "除本机外没有地址" },
  dns: { en: "broker's name", zh: "代理服务器域名" },
  dnsWhy: {
    en: "a name that does not resolve is a broker that is not found",
    zh: "域名无法解析则找不到服务器",
  },
  dnsNext: {
    en: "check the name in sync.url, and the DNS server of this network",
    zh: "检查 sync.url 中的域名与本网络的 DNS",
  },
  dnsSeen: { en: "{host} is {addresses}", zh: "{host} 为 {addresses}" },
  dnsAddress: { en: "{host} is an address", zh: "{host} 本身是地址" },
  tcp: { en: "connection to the broker", zh: "到服务器的连接" },
  tcpWhy: {
    en: "a firewall between looks like a receiver that is away",
    zh: "防火墙拦截看起来就像接收端离线",
  },
  tcpNext: {
    en: "let this network reach the broker of sync.url; is the broker running?",
    zh: "放通到 sync.url 所指服务器的网络；服务器是否在运行？",
  },
  tcpSeen: { en: "{place} in {ms} ms", zh: "{place}，{ms} 毫秒" },
  tls: { en: "broker's certificate", zh: "服务器证书" },
  tlsWhy: { en: "it tells our broker from somebody else's", zh: "用于辨别真假服务器" },
  tlsNext: {
    en: "check sync.ca_file, the name in the certificate, and this machine's clock",
    zh: "检查 sync.ca_file、证书中的名称与本机时钟",
  },
  tlsSeen: {
    en: "{subject}, from {issuer}, chain of {length}, until {until}",
    zh: "{subject}，签发者 {issuer}，证书链 {length} 级，有效至 {until}",
  },
  own: { en: "this side's certificate", zh: "本端证书" },
  ownWhy: {
    en: "the broker lets nobody in whose certificate has ended",
    zh: "证书过期后服务器不再接受本端登录",
  },
  ownNext: {
    en: "renew sync.cert_file and sync.key_file together, at the authority that the broker trusts",
    zh: "向服务器信任的机构同时更新 sync.cert_file 与 sync.key_file",
  },
  ownSeen: { en: "{name}, until {until}", zh: "{name}，有效至 {until}" },
  ownEnded: { en: "{name} ended on {until}", zh: "{name} 已于 {until} 过期" },
  ownOtherKey: {
    en: "{name}, until {until}, is the certificate of another key than sync.key_file",
    zh: "{name}（有效至 {until}）与 sync.key_file 的密钥不符",
  },
  tlsNone: { en: "sync.url says mqtt://: not encrypted", zh: "sync.url 为 mqtt://：未加密" },
  mqtt: { en: "MQTT session", zh: "MQTT 会话" },
  mqttWhy: { en: "the broker must let this device in", zh: "服务器须允许本设备登录" },
  mqttNext: {
    en: "check user, password file and certificate against the broker's settings",
    zh: "核对用户名、密码文件、证书与服务器设置",
  },
  mqttSeen: { en: "open in {ms} ms", zh: "{ms} 毫秒内建立" },
  mqttAgent: { en: "the running agent is linked", zh: "运行中的代理已连接" },
  mqttAgentNot: { en: "the running agent is not linked", zh: "运行中的代理未连接" },
  mqttAgentNext: {
    en: "fulltrace broker test says what the broker answers",
    zh: "执行 fulltrace broker test 查看服务器的应答",
  },
  noSession: { en: "no MQTT session", zh: "没有 MQTT 会话" },
  sessionFirst: {
    en: "mend the way to the broker first: the checks before this one say where it ends",
    zh: "先修复到服务器的通路：前面各项说明断在何处",
  },
  acl: { en: "broker's access list", zh: "服务器访问控制" },
  aclWhy: { en: "a topic that is refused swallows evidence or answers", zh: "主题被拒则证据或应答会被吞掉" },
  aclNext: {
    en: "let this device write up/# and state and read down/# below its own id",
    zh: "允许本设备写 up/# 与 state、读其编号下的 down/#",
  },
  aclSeen: { en: "hello went up, its answer came down", zh: "问候已上行，应答已下行" },
  aclUnknown: {
    en: "may subscribe; whether it may publish shows when the receiver answers",
    zh: "可订阅；接收端应答后才知能否发布",
  },
  receiver: { en: "receiver", zh: "接收端" },
  receiverWhy: {
    en: "it is the receiver, not the broker, that keeps evidence",
    zh: "保存证据的是接收端而非服务器",
  },
  receiverNext: {
    en: "is the receiver running, and is this device's key in its receiver.devices?",
    zh: "接收端是否运行？其 receiver.devices 是否含本设备密钥？",
  },
  receiverSeen: { en: "{name} answered in {ms} ms", zh: "{name} 在 {ms} 毫秒内应答" },
  receiverLive: { en: "{name} answers", zh: "{name} 有应答" },
  receiverNone: { en: "no answer", zh: "无应答" },
} satisfies Record<string, Phrase>;
