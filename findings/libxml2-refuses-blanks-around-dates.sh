#!/usr/bin/env bash
# libxml2 by libxml2-wasm 0.7.2 of npm, with Node.js.
#
# Guess: XML Schema collapses the blanks around every value but a string's before it looks at it, so
# " 12 ", " 10.00 " and " 2027-03-01 " are an unsignedShort, a decimal and a date, also in libxml2.
# Behaviour: the numbers are taken, and a date and a dateTime with blanks are refused, as
# libxml2 2.9.14 of Debian 12 does, which refuses the blanks around integers as well. Registries that
# validate with libxml2 therefore refuse a renewal whose date an indenting writer has set apart.
# Seen: "unsignedShort: valid", "decimal: valid", "date: refused", "dateTime: refused".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.mjs <<'JS'
import { XmlDocument, XsdValidator } from 'libxml2-wasm';

const values = { unsignedShort: ' 12 ', decimal: ' 10.00 ', date: ' 2027-03-01 ', dateTime: ' 2027-03-01T10:00:00Z ' };
for (const [type, value] of Object.entries(values)) {
  for (const text of [value.trim(), value]) {
    const schema = XmlDocument.fromString(`<schema xmlns="http://www.w3.org/2001/XMLSchema"><element name="v" type="${type}"/></schema>`);
    let verdict = 'valid';
    try {
      XsdValidator.fromDoc(schema).validate(XmlDocument.fromString(`<v>${text}</v>`));
    } catch {
      verdict = 'refused';
    }
    if (text !== value && verdict !== 'valid') throw new Error(`${type} is refused without blanks`);
    if (text === value) console.log(`${type}: ${verdict}`);
  }
}
JS
npm init -y >/dev/null 2>&1
npm install libxml2-wasm@0.7.2 >/dev/null 2>&1
seen=$(node main.mjs)
echo "$seen"
for line in "unsignedShort: valid" "decimal: valid" "date: refused" "dateTime: refused"; do
  grep -qxF "$line" <<<"$seen" || { echo "it behaves otherwise now: no \"$line\""; exit 1; }
done
