// Looks for a number that, after "challenge.", gives a SHA-256 hash which begins
// with as many zero bits as the challenge's second part says. The hash is
// computed here, as calling SubtleCrypto for each number takes many times as long.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
constants();

// constants fills in the first bits of the fractional parts of the roots of the
// first primes (FIPS 180-4, 4.2.2 and 5.3.3).
function constants() {
  let count = 0;
  for (let n = 2; count < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (count < 8) START[count] = fraction(Math.sqrt(n));
    K[count++] = fraction(Math.cbrt(n));
  }
}

function fraction(x) {
  return ((x - Math.floor(x)) * 4294967296) >>> 0;
}

const W = new Uint32Array(64);

// block adds one block of 64 bytes to a state.
function block(state, bytes, at) {
  for (let i = 0; i < 16; i++, at += 4) {
    W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// solve returns the first number, in decimal digits.
export function solve(challenge) {
  const bits = Number(challenge.split(".")[1]);
  const prefix = new TextEncoder().encode(challenge + ".");
  const whole = prefix.length - (prefix.length % 64);
  const middle = START.slice();
  for (let at = 0; at < whole; at += 64) block(middle, prefix, at);
  const rest = prefix.subarray(whole);
  const tail = new Uint8Array(128);
  const state = new Uint32Array(8);
  for (let n = 0; ; n++) {
    const digits = String(n);
    tail.fill(0);
    tail.set(rest);
    let length = rest.length;
    for (let i = 0; i < digits.length; i++) tail[length++] = digits.charCodeAt(i);
    tail[length] = 0x80;
    const end = length + 9 <= 64 ? 64 : 128;
    const size = (whole + length) * 8;
    for (let i = 0; i < 4; i++) tail[end - 1 - i] = (size >>> (8 * i)) & 255;
    state.set(middle);
    for (let at = 0; at < end; at += 64) block(state, tail, at);
    if (Math.clz32(state[0]) >= bits) return digits;
  }
}

if (typeof self !== "undefined" && typeof document === "undefined") {
  self.onmessage = (event) => self.postMessage(solve(event.data));
}
