"use strict";
// SHA-256 and SHA-512 (FIPS 180-4), HMAC (RFC 2104), verification of Ed25519 (RFC 8032).
//
// Always these, and never the browser's own: one way to a verdict is read and tested once. All that
// is hashed and verified here is public, so that time tells nothing.

const utf8 = text => new TextEncoder().encode(text);
const hex = bytes => Array.from(bytes, one => one.toString(16).padStart(2, "0")).join("");
const unhex = text => Uint8Array.from(text.match(/../g) ?? [], one => parseInt(one, 16));

/** These bytes, one after the other. */
function joined(...parts) {
  const found = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    found.set(one, at);
    at += one.length;
  }
  return found;
}

/** 8 bytes of a number, the highest first. */
function u64(number) {
  const found = new DataView(new ArrayBuffer(8));
  found.setBigUint64(0, BigInt(number));
  return new Uint8Array(found.buffer);
}

/** A number of bytes, of which the first is the highest. */
const numberOf = bytes => BigInt(`0x0${hex(bytes)}`);

// -- SHA-256, SHA-512, HMAC -------------------------------------------------------------------

const WORD = (1n << 64n) - 1n;

/** The first 64 bits behind the point of a prime's root: the constants of SHA-2 are these. */
function fraction(prime, degree) {
  const goal = BigInt(prime) << BigInt(64 * degree);
  let found = 0n;
  for (let bit = 1n << 70n; bit; bit >>= 1n) {
    if ((found | bit) ** BigInt(degree) <= goal) found |= bit;
  }
  return found & WORD;
}

const PRIMES = [];
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every(one => n % one)) PRIMES.push(n);
const K512 = PRIMES.map(one => fraction(one, 3));
const H512 = PRIMES.slice(0, 8).map(one => fraction(one, 2));
const K256 = Int32Array.from(K512.slice(0, 64), one => Number(one >> 32n));
const H256 = Int32Array.from(H512, one => Number(one >> 32n));

/** The content, filled up to whole blocks with its length at the end. */
function blocks(content, size) {
  const end = Math.ceil((content.length + 1 + size / 8) / size) * size;
  const found = new Uint8Array(end);
  found.set(content);
  found[content.length] = 0x80;
  found.set(u64(content.length * 8), end - 8);
  return new DataView(found.buffer);
}

function sha256(content) {
  const turned = (x, n) => (x >>> n) | (x << (32 - n));
  const data = blocks(content, 64);
  const state = H256.slice();
  const w = new Int32Array(64);
  for (let at = 0; at < data.byteLength; at += 64) {
    for (let t = 0; t < 16; t++) w[t] = data.getInt32(at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = w[t - 16] + (turned(x, 7) ^ turned(x, 18) ^ (x >>> 3))
        + w[t - 7] + (turned(y, 17) ^ turned(y, 19) ^ (y >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25))
        + ((e & f) ^ (~e & g)) + K256[t] + w[t]) | 0;
      const two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((one, n) => { state[n] += one; });
  }
  const found = new DataView(new ArrayBuffer(32));
  state.forEach((one, n) => found.setInt32(4 * n, one));
  return new Uint8Array(found.buffer);
}

function sha512(content) {
  const turned = (x, n) => ((x >> n) | (x << (64n - n))) & WORD;
  const data = blocks(content, 128);
  const state = H512.slice();
  const w = [];
  for (let at = 0; at < data.byteLength; at += 128) {
    for (let t = 0; t < 16; t++) w[t] = data.getBigUint64(at + 8 * t);
    for (let t = 16; t < 80; t++) {
      const x = w[t - 15], y = w[t - 2];
      w[t] = (w[t - 16] + (turned(x, 1n) ^ turned(x, 8n) ^ (x >> 7n))
        + w[t - 7] + (turned(y, 19n) ^ turned(y, 61n) ^ (y >> 6n))) & WORD;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 80; t++) {
      const one = h + (turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n))
        + ((e & f) ^ (~e & WORD & g)) + K512[t] + w[t];
      const two = (turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n))
        + ((a & b) ^ (a & c) ^ (b & c));
      h = g; g = f; f = e; e = (d + one) & WORD;
      d = c; c = b; b = a; a = (one + two) & WORD;
    }
    [a, b, c, d, e, f, g, h].forEach((one, n) => { state[n] = (state[n] + one) & WORD; });
  }
  return joined(...state.map(u64));
}

/** HMAC with SHA-256; a key of 64 bytes or fewer. */
function hmac(key, message) {
  const filled = joined(key, new Uint8Array(64 - key.length));
  const inner = sha256(joined(filled.map(one => one ^ 0x36), message));
  return sha256(joined(filled.map(one => one ^ 0x5c), inner));
}

// -- Ed25519, points in extended coordinates --------------------------------------------------

const P = 2n ** 255n - 19n, ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (n, by = P) => ((n % by) + by) % by;
const little = bytes => numberOf(bytes.slice().reverse());

function power(base, exponent) {
  let found = 1n;
  for (let square = mod(base); exponent; exponent >>= 1n, square = (square * square) % P) {
    if (exponent & 1n) found = (found * square) % P;
  }
  return found;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_1 = power(2n, (P - 1n) / 4n);

/** The sum of two points. */
function add(a, b) {
  const w = ((a[1] - a[0]) * (b[1] - b[0])) % P, x = ((a[1] + a[0]) * (b[1] + b[0])) % P;
  const y = (((2n * a[3] * b[3]) % P) * D) % P, z = (2n * a[2] * b[2]) % P;
  const e = x - w, f = z - y, g = z + y, h = x + w;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

/** The point added up n times. */
function times(n, point) {
  let found = [0n, 1n, 1n, 0n];
  for (; n; n >>= 1n, point = add(point, point)) if (n & 1n) found = add(found, point);
  return found;
}

/** The point that 32 bytes say; null: they say none, or not as it is written. */
function pointOf(raw) {
  const whole = little(raw);
  const sign = whole >> 255n, y = whole & ((1n << 255n) - 1n);
  const square = mod((y * y - 1n) * power(D * y * y + 1n, P - 2n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x - square)) x = (x * ROOT_OF_MINUS_1) % P;
  if (y >= P || mod(x * x - square) || (x === 0n && sign)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, (x * y) % P];
}

const BASE = pointOf(unhex(`58${"66".repeat(31)}`));

/** Whether the signature is that key's under the message: the equation without a cofactor. */
function isSigned(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = pointOf(key), r = pointOf(signature.slice(0, 32)), s = little(signature.slice(32));
  if (a === null || r === null || s >= ORDER) return false;
  const k = mod(little(sha512(joined(signature.slice(0, 32), key, message))), ORDER);
  const left = times(s, BASE), right = add(r, times(k, a));
  return [0, 1].every(n => mod(left[n] * right[2] - right[n] * left[2]) === 0n);
}

/** Whether this browser calculates as it must: RFC 8032, 7.1, test 2, and one bit of it changed. */
function isAble() {
  const key = unhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const signature = unhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const changed = signature.map((one, n) => (n === 40 ? one ^ 1 : one));
  return hex(sha256(utf8("abc"))) === text && isSigned(key, unhex("72"), signature)
    && !isSigned(key, unhex("73"), signature) && !isSigned(key, unhex("72"), changed);
}
