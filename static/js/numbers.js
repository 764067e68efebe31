// Exact decimals as text, for helpers in the browser: the server decides, this only warns early and adds up without floats.
const SHAPE = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i;

/** True when the text is empty or a number the server will take (14 digits before the point, 4 after). */
export function isNumber(text) {
  const trimmed = text.trim();
  if (trimmed === "") return true;
  if (!SHAPE.test(trimmed)) return false;
  const scaled = toScaled(trimmed);
  return scaled !== null && scaled < 10n ** 18n && scaled > -(10n ** 18n);
}

/** The number as an integer of ten-thousandths, or null when it has more than four decimals. */
export function toScaled(text) {
  const [, sign, whole, part = "", power = "0"] = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text.trim()) || [];
  if (whole === undefined || whole + part === "") return null;
  const shift = 4 + Number(power) - part.length;
  let digits = BigInt(whole + part);
  if (shift >= 0) digits *= 10n ** BigInt(shift);
  else if (digits % 10n ** BigInt(-shift) !== 0n) return null;
  else digits /= 10n ** BigInt(-shift);
  return sign === "-" ? -digits : digits;
}

/** Ten-thousandths back to text without needless zeros. */
export function fromScaled(scaled) {
  const sign = scaled < 0n ? "-" : "";
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(5, "0");
  const part = digits.slice(-4).replace(/0+$/, "");
  return sign + digits.slice(0, -4) + (part ? "." + part : "");
}
