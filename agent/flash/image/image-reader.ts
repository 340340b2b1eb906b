/** The bytes of an image, once from beginning to end. */
export interface ImageReader {
  /** Fills `into`; answers fewer bytes than it has room for only at the image's end. Throws `image-…`. */
  fill(into: Uint8Array): Promise<number>;
  /** After the end, hex SHA-256 of the file as it lies; null: of the very bytes that were read. */
  packedDigest(): string | null;
  close(): Promise<void>;
}
