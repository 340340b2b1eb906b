/**
 * What a file name claims, as makers of GA/T 947 recorders write it:
 * `DCAM_<camera>_<user6>_<YYYYMMDD>_<HHMMSS>[_IMP][_enc].mp4`, `IMP` being the wearer's important mark.
 * A claim, never identity: null for every other name.
 */
export interface NameClaims {
  camera: string;
  user: string;
  isImportant: boolean;
  isEncrypted: boolean;
}

const NAME =
  /(?:^|\/)[A-Z]{1,8}_([A-Za-z0-9]{1,16})_([A-Za-z0-9]{6})_\d{8}_\d{6}(_IMP)?(_enc)?\.[A-Za-z0-9]{1,8}$/;

export function nameClaims(path: string): NameClaims | null {
  const match = NAME.exec(path);
  if (match === null) return null;
  const [, camera = "", user = "", important, encrypted] = match;
  return { camera, user, isImportant: important !== undefined, isEncrypted: encrypted !== undefined };
}
