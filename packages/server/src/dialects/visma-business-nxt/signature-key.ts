const keyBytes = 32

/** 43 characters; receivers use them as UTF-8 text, not decoded. */
export function makeSignatureKey(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(keyBytes)).toString('base64url')
}
