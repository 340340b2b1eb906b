import type { Phrase } from "../phrase.ts";

/** Descriptions of `flash`. */
export const flashHelp = {
  flash: {
    en: "write recorders' cards, and take up what they carry",
    zh: "烧写记录仪存储卡并载入其个性化内容",
  },
  list: {
    en: "list this machine's disks, and which of them may be written to",
    zh: "列出本机磁盘及是否可写入",
  },
  write: {
    en: "write an image to a card, read it back, and give it what is one unit's own",
    zh: "将镜像写入存储卡并回读比对，同时写入单台设备的个性化内容",
  },
  verify: { en: "compare a card with its image", zh: "将存储卡与镜像比对" },
  adopt: {
    en: "on the unit, at its first start: install what its card carries for it, and wipe that",
    zh: "在设备首次启动时：安装卡上的个性化内容并将其擦除",
  },
  enrolment: {
    en: "check a unit's enrolment request, and print the line that accepts it",
    zh: "核验设备的注册请求，并输出接受它的配置行",
  },
  image: { en: "image file, .img or .img.zst", zh: "镜像文件（.img 或 .img.zst）" },
  target: { en: "disk, such as /dev/sdb, or a file", zh: "磁盘（例如 /dev/sdb）或文件" },
  yes: {
    en: "also an internal disk, one over the limit, or a file that exists",
    zh: "允许写入内置磁盘、超出上限的磁盘或已有文件",
  },
  mostGib: { en: "disks larger than so many GiB need --yes", zh: "超过此大小（GiB）的磁盘需要 --yes" },
  serial: { en: "serial number of the unit", zh: "设备序列号" },
  config: { en: "configuration of the unit, a recorder's", zh: "设备配置（记录仪角色）" },
  receiverKey: {
    en: "key of a receiver, as `key show` prints it; repeatable",
    zh: "接收端公钥（key show 的输出），可重复",
  },
  brokerPassword: { en: "file with the unit's broker password", zh: "存有该设备消息代理密码的文件" },
  brokerCa: { en: "certificate of the broker's CA, PEM", zh: "消息代理 CA 证书（PEM）" },
  brokerCert: { en: "the unit's certificate for the broker, PEM", zh: "设备的消息代理证书（PEM）" },
  brokerKey: { en: "that certificate's private key, PEM", zh: "该证书的私钥（PEM）" },
  enrol: {
    en: "enrolment code: the unit's request proves that it was given it",
    zh: "注册码：设备的注册请求将证明其持有该码",
  },
  dataKey: {
    en: "file with 32 random bytes: the unit encrypts its data partition with it",
    zh: "32 字节随机密钥文件：设备将用它加密数据分区",
  },
  region: { en: "the unit's personal partition", zh: "设备的个性化分区" },
  etc: { en: "where configuration and secrets lie", zh: "配置与密钥所在目录" },
  account: { en: "account and group that the agent runs as", zh: "代理运行所用的账户与组" },
  request: { en: "the unit's enrolment-request.json", zh: "设备的 enrolment-request.json" },
  code: { en: "the code that it was given", zh: "发给该设备的注册码" },
} satisfies Record<string, Phrase>;
