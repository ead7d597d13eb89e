import { version } from '../../process/version.ts'

/** Of every request that leaves the server: common firewalls refuse requests without one. */
export const userAgent = `Tidings/${version}`
