/** How whoever is given the folder checks it without our program. */
export const README = `全程留痕：执法活动导出包 / fulltrace: one enforcement activity
(English below)

内容
  activity.json      活动、文书、录像的说明（字段名可由导出单位配置）
  template.toml      开始活动时所用的程序模板
  documents/         文书原件
  recordings/        录像与照片（仅在导出时要求）
  digests            以上各文件的 SHA-256
  ledger/N.json      账本第 N 号条目，与签名时逐字节一致
  ledger/N.tlog-proof  该条目在账本中的证明（C2SP tlog-proof）
  ledger/checkpoint  设备签名、见证方联署的检查点
  receipts/          接收端对媒体的保管回执

核验
1. 在本目录执行 sha256sum -c digests，全部应为 OK。
2. 条目 N 的叶子值 = SHA-256(0x00 字节 + ledger/N.json 的全部字节)。按 RFC 9162 第 2.1.3.2 节，用
   N.tlog-proof 中的 index 与各行哈希算到根，应等于其下检查点第 3 行（Base64）；第 2 行为条目总数。
   任何 RFC 9162 或 C2SP tlog 程序库均可，例如 Go 的 golang.org/x/mod/sumdb/tlog。
3. 检查点的第一行签名属于设备（C2SP signed-note），其余为见证方联署（cosignature/v1）。签名均为 Ed25519：
   Base64 去掉前 4 字节；设备签名所签为前三行（含换行）；联署先有 8 字节时间（秒，大端），所签为
   "cosignature/v1"、"time 秒数"两行加前三行。可用 openssl pkeyutl -verify -rawin 验证。
4. 文书：文件名开头的数字为条目号，该条目的 digest 应等于文件的 SHA-256。
5. 录像：将其 recording.chunk 条目按 n 排序，按各条目的 bytes 依次切分录像文件，每段的 SHA-256 应等于
   该条目的 digest。
6. 应信任哪些设备公钥与见证方公钥，不能由本目录说明：请向相关单位另行取得。
以上各步也可由 fulltrace share verify 目录 --trust 信任文件 一次完成。
格式全文见 ledger-format（账本格式）与 sharing（平台共享）两页文档。

Contents
  activity.json      what is told of the activity, its documents and recordings (names as configured)
  template.toml      the process template that it was opened with
  documents/         the documents
  recordings/        recordings and photos (where they were asked for)
  digests            SHA-256 of each of these files
  ledger/N.json      entry N of the ledger, byte for byte as it was signed
  ledger/N.tlog-proof  the proof that it is in the ledger (C2SP tlog-proof)
  ledger/checkpoint  signed by the device, cosigned by witnesses
  receipts/          the receiver's promises of custody for the media

To check
1. Run sha256sum -c digests here: every line must say OK.
2. The leaf of entry N is SHA-256(byte 0x00, then all bytes of ledger/N.json). With index and hashes of
   N.tlog-proof, RFC 9162 section 2.1.3.2 leads to a root: it must be line 3 (Base64) of the checkpoint
   below them; line 2 is the number of entries. Any library of RFC 9162 or C2SP tlog does it, such as
   golang.org/x/mod/sumdb/tlog.
3. The checkpoint's first signature is the device's (C2SP signed-note), the others are cosignatures of
   witnesses (cosignature/v1). All are Ed25519: leave out the first 4 bytes of the Base64. The device
   signed the first three lines with their line feeds. A witness's time comes first, 8 bytes, seconds, big
   endian; it signed the lines "cosignature/v1" and "time SECONDS", then those three. OpenSSL checks them:
   openssl pkeyutl -verify -rawin.
4. Documents: the number that a file's name begins with is its entry; that entry's digest must be the
   file's SHA-256.
5. Recordings: sort their recording.chunk entries by n, cut the file into pieces of each entry's bytes;
   the SHA-256 of each piece must be that entry's digest.
6. Whose keys to trust, this folder cannot say: get those of device and witnesses some other way.
fulltrace share verify DIR --trust FILE does all these steps.
The formats are described in the pages ledger-format and sharing.
`;
