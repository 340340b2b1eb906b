/** Codes of PIMA 15740 (PTP), MTP 1.1 (annex D, F) and Android's extension, as far as recorders are asked by them. */

export const OPERATION = {
  getDeviceInfo: 0x1001,
  openSession: 0x1002,
  closeSession: 0x1003,
  getStorageIds: 0x1004,
  getStorageInfo: 0x1005,
  getObjectHandles: 0x1007,
  getObjectInfo: 0x1008,
  getObject: 0x1009,
  deleteObject: 0x100b,
  getDevicePropDesc: 0x1014,
  getDevicePropValue: 0x1015,
  setDevicePropValue: 0x1016,
  getPartialObject: 0x101b,
  getObjectPropValue: 0x9803,
  /** Android: as 0x101B, with the offset in two halves. */
  getPartialObject64: 0x95c1,
} as const;

export const RESPONSE = {
  ok: 0x2001,
  generalError: 0x2002,
  sessionNotOpen: 0x2003,
  invalidTransaction: 0x2004,
  operationNotSupported: 0x2005,
  parameterNotSupported: 0x2006,
  incompleteTransfer: 0x2007,
  invalidStorage: 0x2008,
  invalidObject: 0x2009,
  propertyNotSupported: 0x200a,
  writeProtected: 0x200d,
  accessDenied: 0x200f,
  storeNotAvailable: 0x2013,
  invalidParent: 0x201a,
  deviceBusy: 0x2019,
  invalidPropertyValue: 0x201c,
  invalidParameter: 0x201d,
  sessionAlreadyOpen: 0x201e,
} as const;

export const PROPERTY = {
  batteryLevel: 0x5001,
  dateTime: 0x5011,
  /** Of an object: its size in 64 bits. */
  objectSize: 0xdc04,
} as const;

/** Object format of a folder. */
export const ASSOCIATION = 0x3001;
/** As a parent: what lies in no folder. MTP 1.1 §D.2.7. */
export const ROOT = 0xffff_ffff;
/** As a size or length: more than 32 bits can say. */
export const UNKNOWN_LENGTH = 0xffff_ffff;

/** How people who search for a result find it. */
export function hex(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
