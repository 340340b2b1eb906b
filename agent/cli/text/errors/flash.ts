import type { Phrase } from "../phrase.ts";
import type { ErrorText } from "./error-text.ts";

const list: Phrase = { en: "look at the disks: fulltrace flash list", zh: "查看磁盘：fulltrace flash list" };
const unmount: Phrase = {
  en: "if it is the right card, unmount it: umount PATH",
  zh: "确认无误后先卸载：umount 路径",
};
const anew: Phrase = { en: "write it again, or take another card", zh: "重新写入，或更换存储卡" };
const another: Phrase = { en: "take another card", zh: "更换存储卡" };
const withYes: Phrase = {
  en: "if it is meant, say --yes: everything on it is lost",
  zh: "确认无误后加 --yes：其上内容将全部丢失",
};

/** What keeps an image from a card, and a unit from what its card carries. */
export const flashErrors = {
  "image-missing": {
    meaning: { en: "There is no such image file.", zh: "没有该镜像文件。" },
    next: { en: "name the .img or .img.zst file", zh: "请给出 .img 或 .img.zst 文件" },
    exit: 2,
  },
  "image-empty": {
    meaning: { en: "The image holds nothing.", zh: "镜像为空。" },
    next: { en: "get the image again", zh: "重新获取镜像" },
    exit: 1,
  },
  "image-unreadable": {
    meaning: { en: "The image cannot be read to its end.", zh: "镜像无法完整读取。" },
    next: { en: "check its permissions and the disk that it lies on", zh: "检查文件权限及其所在磁盘" },
    exit: 1,
  },
  "image-damaged": {
    meaning: {
      en: "The image is not what it should be. A card that was being written is not bootable.",
      zh: "镜像内容不符。正在写入的卡无法启动。",
    },
    next: { en: "get the image again, with its .sha256", zh: "重新获取镜像及其 .sha256" },
    exit: 1,
  },
  "image-digest-unfit": {
    meaning: {
      en: "The .sha256 file tells no digest of this image.",
      zh: ".sha256 文件中没有该镜像的摘要。",
    },
    next: { en: "get it again, from where the image comes", zh: "从镜像来源处重新获取" },
    exit: 2,
  },
  "image-changed": {
    meaning: {
      en: "The image changed while it was read. The card is not bootable.",
      zh: "镜像在读取期间发生变化。该卡无法启动。",
    },
    next: { en: "write again when nothing changes it", zh: "待镜像不再变化后重新写入" },
    exit: 1,
  },
  "zstd-missing": {
    meaning: { en: "zstd, which unpacks the image, is not installed.", zh: "未安装用于解压镜像的 zstd。" },
    next: { en: "apt-get install zstd", zh: "安装：apt-get install zstd" },
    exit: 1,
  },
  "target-missing": {
    meaning: { en: "There is no such disk or folder.", zh: "没有该磁盘或目录。" },
    next: list,
    exit: 2,
  },
  "target-unfit": {
    meaning: { en: "This is neither a disk nor a file.", zh: "这既不是磁盘也不是文件。" },
    next: list,
    exit: 2,
  },
  "target-partition": {
    meaning: {
      en: "This is one part of a disk; an image needs the whole.",
      zh: "这是磁盘的一个分区；镜像需要整个磁盘。",
    },
    next: { en: "name the disk itself", zh: "请给出整个磁盘" },
    exit: 2,
  },
  "target-is-image": {
    meaning: { en: "Image and target are the same file.", zh: "镜像与目标是同一文件。" },
    next: { en: "name another target", zh: "请给出其他目标" },
    exit: 2,
  },
  "target-exists": {
    meaning: { en: "There is a file already.", zh: "该文件已存在。" },
    next: withYes,
    exit: 1,
  },
  "target-empty": {
    meaning: { en: "No card is in the reader.", zh: "读卡器中没有卡。" },
    next: { en: "put the card in", zh: "插入存储卡" },
    exit: 1,
  },
  "target-root": {
    meaning: { en: "This machine runs from this disk.", zh: "本机系统正运行于该磁盘。" },
    next: list,
    exit: 1,
  },
  "target-mounted": {
    meaning: { en: "The disk is mounted.", zh: "该磁盘已挂载。" },
    next: unmount,
    exit: 1,
  },
  "target-swap": {
    meaning: { en: "This machine swaps to this disk.", zh: "该磁盘正用作交换区。" },
    next: list,
    exit: 1,
  },
  "target-held": {
    meaning: {
      en: "A volume manager, RAID or encryption stands on this disk.",
      zh: "该磁盘上有卷管理、RAID 或加密设备。",
    },
    next: list,
    exit: 1,
  },
  "target-busy": {
    meaning: { en: "Something uses this disk.", zh: "该磁盘正被占用。" },
    next: { en: "end what uses it: lsof DISK", zh: "结束占用它的程序：lsof 磁盘" },
    exit: 1,
  },
  "target-read-only": {
    meaning: { en: "The card is locked against writing.", zh: "该卡处于写保护。" },
    next: { en: "move the lock at its edge, or take another card", zh: "拨开卡侧的锁，或更换存储卡" },
    exit: 1,
  },
  "target-forbidden": {
    meaning: { en: "This account may not open the disk.", zh: "当前账户无权打开该磁盘。" },
    next: { en: "run it as root", zh: "以 root 运行" },
    exit: 1,
  },
  "target-too-small": {
    meaning: { en: "The image is larger than the card.", zh: "镜像大于存储卡容量。" },
    next: { en: "take a larger card", zh: "更换容量更大的卡" },
    exit: 1,
  },
  "target-internal": {
    meaning: { en: "This disk is built into the machine.", zh: "该磁盘为本机内置磁盘。" },
    next: withYes,
    exit: 1,
  },
  "target-too-large": {
    meaning: { en: "This disk is larger than a card would be.", zh: "该磁盘大于常见存储卡。" },
    next: withYes,
    exit: 1,
  },
  "target-gone": {
    meaning: {
      en: "The card went away. One that was being written is not bootable.",
      zh: "存储卡已断开。正在写入的卡无法启动。",
    },
    next: { en: "put it in and write it again", zh: "插入后重新写入" },
    exit: 1,
  },
  "target-full": {
    meaning: {
      en: "There is no room for the rest; what was written is not bootable.",
      zh: "空间不足；已写入的内容无法启动。",
    },
    next: another,
    exit: 1,
  },
  "target-write-failed": {
    meaning: {
      en: "The card does not take what is written. It is not bootable.",
      zh: "存储卡写入失败。该卡无法启动。",
    },
    next: another,
    exit: 1,
  },
  "target-read-failed": {
    meaning: { en: "The card cannot be read.", zh: "存储卡读取失败。" },
    next: another,
    exit: 1,
  },
  "target-differs": {
    meaning: {
      en: "The card gives back other bytes than it was given. Do not use it.",
      zh: "存储卡回读内容与写入不符。请勿使用。",
    },
    next: another,
    exit: 1,
  },
  "flash-interrupted": {
    meaning: {
      en: "Stopped before it was done. A card that was begun is not bootable.",
      zh: "中途停止。已开始写入的卡无法启动。",
    },
    next: anew,
    exit: 1,
  },
  "personal-missing": {
    meaning: { en: "There is no place for what is a unit's own.", zh: "没有存放个性化内容的位置。" },
    next: {
      en: "take an image that has a partition `personal` (docs/flash.md)",
      zh: "使用带有 personal 分区的镜像（docs/flash.md）",
    },
    exit: 1,
  },
  "personal-damaged": {
    meaning: { en: "What the card carries for this unit is damaged.", zh: "卡上的个性化内容已损坏。" },
    next: anew,
    exit: 1,
  },
  "personal-unfit": {
    meaning: { en: "This cannot be given to a unit.", zh: "该内容不能写入设备。" },
    next: { en: "docs/flash.md tells what is allowed", zh: "允许的内容见 docs/flash.md" },
    exit: 2,
  },
  "account-unknown": {
    meaning: { en: "This machine has no such account and group.", zh: "本机没有该账户与组。" },
    next: { en: "make them, or name others with --account", zh: "先创建，或用 --account 指定" },
    exit: 2,
  },
  "enrolment-damaged": {
    meaning: {
      en: "This is no enrolment request, or not as the unit signed it.",
      zh: "这不是注册请求，或与设备签名不符。",
    },
    next: { en: "get it from the unit again", zh: "从设备重新获取" },
    exit: 1,
  },
  "enrolment-code-wrong": {
    meaning: {
      en: "The unit that made this request was not given this code.",
      zh: "发出该请求的设备没有此注册码。",
    },
    next: { en: "do not accept it; ask who flashed the unit", zh: "不要接受；询问烧写人员" },
    exit: 1,
  },
} satisfies Record<string, ErrorText>;
