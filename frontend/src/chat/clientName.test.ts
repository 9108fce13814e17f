import { expect, test } from 'vitest';
import { clientName } from './clientName';

const MOZILLA = 'Mozilla/5.0';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';

test.each([
  [`${MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, 'Firefox, Linux'],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, 'Chrome, Windows'],
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/140.0`, 'Edge, Windows'],
  [`${MOZILLA} (Linux; Android 16; Pixel 9) ${CHROME} Mobile Safari/537.36`, 'Chrome, Android'],
  [`${MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1`, 'Safari, iPhone'],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15`, 'Safari, macOS'],
  ['curl/8.9.1', 'curl/8.9.1'],
  ['', undefined],
])('%s is called %s', (userAgent, name) => {
  expect(clientName(userAgent)).toBe(name);
});

test('a program that talks much about itself is cut short', () => {
  expect(clientName('x'.repeat(200))).toHaveLength(40);
});
