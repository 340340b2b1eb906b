/** Where the mounting service of a dock listens, and the folder that it mounts below: as in config/systemd. */
export const MOUNTER_SOCKET = "/run/fulltrace-mounter.sock";
export const CARDS_DIRECTORY = "/run/fulltrace-cards";
