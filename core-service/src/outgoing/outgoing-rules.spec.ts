import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '@stylizer/common';
import { DomainError } from '../common/domain-error.js';
import { configSchema } from '../config/config.js';
import { Outgoing } from './outgoing.js';

const outgoing = (env: Record<string, string> = {}) =>
  new Outgoing(
    loadConfig(configSchema, {
      DATABASE_URL: 'postgres://localhost/none',
      JWT_SECRET: 'a secret of the tests alone: 0123456789abcdef',
      ...env,
    }),
  );
const refusal = (url: string, env?: Record<string, string>): string | undefined => {
  try {
    outgoing(env).check(url);
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.code;
  }
};

describe('a URL of a user’s choosing', () => {
  it.each([
    ['https://example.com/photo.jpg?size=2', 'https://example.com/photo.jpg?size=2'],
    ['HTTPS://EXAMPLE.com', 'https://example.com/'],
    ['https://example.com:443/', 'https://example.com/'],
    ['https://example.com./', 'https://example.com./'],
    ['https://bücher.example/ä', 'https://xn--bcher-kva.example/%C3%A4'],
    ['https://8.8.8.8/', 'https://8.8.8.8/'],
    ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
  ])('is allowed: %s', (url, href) => {
    expect(outgoing().check(url)).toBe(href);
  });

  it.each([
    ['http', 'http://example.com/'],
    ['ftp', 'ftp://example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:image/png;base64,AAAA'],
    ['gopher', 'gopher://example.com/'],
    ['script', 'javascript:alert(1)'],
    ['no scheme', 'example.com/photo.jpg'],
    ['nothing', ''],
    ['no host', 'https://'],
    ['no host but a port', 'https://:443/'],
    ['no host but a path', 'https:///'],
    ['a user', 'https://ada@example.com/'],
    ['user and password', 'https://ada:secret@example.com/'],
    ['a user that looks like a host', 'https://example.com@127.0.0.1/'],
    ['another port', 'https://example.com:22/'],
    ['port 0', 'https://example.com:0/'],
    ['a port of PostgreSQL', 'https://example.com:5432/'],
    ['2049 characters', `https://example.com/${'x'.repeat(2030)}`],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback, another', 'https://127.9.9.9/'],
    ['loopback, short', 'https://127.1/'],
    ['loopback, decimal', 'https://2130706433/'],
    ['loopback, octal', 'https://0177.0.0.1/'],
    ['loopback, octal without dots', 'https://017700000001/'],
    ['loopback, hexadecimal', 'https://0x7f000001/'],
    ['loopback, hexadecimal with dots', 'https://0x7f.0x0.0x0.0x1/'],
    ['loopback, mixed', 'https://0x7f.1/'],
    ['loopback with a dot at its end', 'https://127.0.0.1./'],
    ['loopback, percent-encoded', 'https://%31%32%37.0.0.1/'],
    ['loopback, full-width digits', 'https://１２７.０.０.１/'],
    ['loopback, circled digits', 'https://①②⑦.⓪.⓪.①/'],
    ['loopback, ideographic full stops', 'https://127。0。0。1/'],
    ['metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['metadata, decimal', 'https://2852039166/'],
    ['metadata, hexadecimal', 'https://0xa9fea9fe/'],
    ['private', 'https://10.0.0.1/'],
    ['private, 172.16', 'https://172.16.0.1/'],
    ['private, 192.168', 'https://192.168.0.1/'],
    ['CGNAT', 'https://100.64.0.1/'],
    ['unspecified', 'https://0.0.0.0/'],
    ['zero', 'https://0/'],
    ['broadcast', 'https://255.255.255.255/'],
    ['multicast', 'https://224.0.0.1/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv6 loopback, long', 'https://[0:0:0:0:0:0:0:1]/'],
    ['IPv6 unspecified', 'https://[::]/'],
    ['IPv4-mapped', 'https://[::ffff:127.0.0.1]/'],
    ['IPv4-mapped, hexadecimal', 'https://[::ffff:7f00:1]/'],
    ['IPv4-compatible', 'https://[::127.0.0.1]/'],
    ['NAT64', 'https://[64:ff9b::169.254.169.254]/'],
    ['local NAT64', 'https://[64:ff9b:1::10.0.0.1]/'],
    ['6to4', 'https://[2002:7f00:1::]/'],
    ['Teredo', 'https://[2001:0:53aa:64c::1]/'],
    ['unique local', 'https://[fd00:ec2::254]/'],
    ['link-local IPv6', 'https://[fe80::1]/'],
    ['a zone', 'https://[fe80::1%25eth0]/'],
    ['localhost', 'https://localhost/'],
    ['localhost with a dot', 'https://localhost./'],
    ['LOCALHOST', 'https://LOCALHOST/'],
    ['localhost, full-width', 'https://ｌｏｃａｌｈｏｓｔ/'],
    ['below localhost', 'https://api.localhost/'],
  ])('is refused: %s (%s)', (_what, url) => {
    expect(refusal(url)).toBe('URL_NOT_ALLOWED');
  });

  it('may be http, on another port and in a network of ours, where that is configured', () => {
    const url = 'http://10.1.2.3:8080/';
    const env = {
      OUTGOING_ALLOW_HTTP: 'true',
      OUTGOING_PORTS: '443, 8000-8999',
      OUTGOING_ALLOWED_NETWORKS: '10.1.0.0/16,::1/128',
    };
    expect(refusal(url, env)).toBeUndefined();
    expect(refusal('https://localhost/', env)).toBeUndefined();
    expect(refusal('http://10.2.2.3:8080/', env)).toBe('URL_NOT_ALLOWED');
    expect(refusal('http://10.1.2.3:9000/', env)).toBe('URL_NOT_ALLOWED');
    for (const name of Object.keys(env))
      expect(refusal(url, { ...env, [name]: '' })).toBe('URL_NOT_ALLOWED');
  });

  it.each([
    ['OUTGOING_ALLOWED_NETWORKS', '10.0.0.0'],
    ['OUTGOING_PORTS', '80-'],
    ['OUTGOING_PORTS', '9-8'],
    ['OUTGOING_PORTS', '70000'],
    ['OUTGOING_PROXY', 'socks5://proxy'],
  ])('is judged by valid variables only: %s=%s', (name, value) => {
    expect(() => outgoing({ [name]: value })).toThrow(name);
  });
});
