/** Media fields: which stored bytes an entry names. */
export interface MediaFields {
  digest: string;
  bytes: number;
  sealed: boolean;
  plain_digest?: string;
  plain_bytes?: number;
}
