import { formatEndpoint, In6Addr, parseEndpoint, SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import { describe, expect, it } from 'vitest';

describe('parseEndpoint', () => {
  it.each([
    ['127.0.0.1:9008', { family: 4, address: '127.0.0.1', port: 9008 }],
    ['0.0.0.0:0', { family: 4, address: '0.0.0.0', port: 0 }],
    ['[2001:DB8:0::1]:65535', { family: 6, address: '2001:db8::1', port: 65535 }],
    ['[fe80::1%eth0]:80', { family: 6, address: 'fe80::1%eth0', port: 80 }],
  ])('reads %s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  it('gives what the structures take', () => {
    expect(String(SockaddrIn.from(parseEndpoint('127.0.0.1:80')))).toBe('127.0.0.1:80');
    expect(String(SockaddrIn6.from(parseEndpoint('[fe80::1%2]:80')))).toBe('[fe80::1%2]:80');
  });

  it.each([
    ['127.0.0.1', 80],
    ['::1', 80],
    ['[::1]', 80],
    ['127.0.0.1:81', 81],
    ['[::1]:81', 81],
  ])('takes the default port only where %s has none', (text, port) => {
    expect(parseEndpoint(text, { defaultPort: 80 }).port).toBe(port);
  });

  it.each([
    ['127.0.0.1', /it needs a port$/],
    ['::1:80', /it needs a port, and IPv6 brackets: '\[::1:80\]:80'$/],
    ['[::1]', /it needs a port$/],
    ['[::1:80', /needs its '\]'/],
    ['[127.0.0.1]:80', /only IPv6 has brackets/],
    ['localhost:80', /"localhost" is no IP address; a name has to be resolved first/],
    ['127.1:80', /"127.1" is no IP address/],
    ['[::1]80', /"80" is no port/],
    ['127.0.0.1:', /":" is no port/],
    ['127.0.0.1:080', /":080" is no port; .*leading zero/],
    ['127.0.0.1:65536', /no port; 0 to 65535/],
    ['127.0.0.1:0x50', /no port/],
    ['127.0.0.1:-1', /no port/],
    ['127.0.0.1:8 0', /no port/],
    ['127.0.0.1:99999999999', /no port/],
    ['', /"" is no IP address/],
    [':80', /"" is no IP address/],
    ['[]:80', /"" is no IP address/],
    ['1'.repeat(1000), /too long/],
  ])('refuses %s, with value, rule and remedy', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(RangeError);
    expect(() => parseEndpoint(text)).toThrow(
      /^parseEndpoint: text must be an address and a port like/,
    );
    expect(() => parseEndpoint(text)).toThrow(message);
  });

  it('refuses wrong JavaScript types and a default that is no port', () => {
    // @ts-expect-error a number is no text
    expect(() => parseEndpoint(80)).toThrow(TypeError);
    expect(() => parseEndpoint('::1', { defaultPort: 65536 })).toThrow(/defaultPort .*got 65536/);
  });
});

describe('formatEndpoint', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:80'],
    ['2001:DB8::1', '[2001:db8::1]:80'],
    ['fe80::1%eth0', '[fe80::1%eth0]:80'],
    [In6Addr.from('::1'), '[::1]:80'],
  ])('writes %s as %s', (address, text) => {
    expect(formatEndpoint({ address, port: 80 })).toBe(text);
  });

  it('takes structures, and refuses ports and addresses that are none', () => {
    const peer = SockaddrIn6.from({ address: 'fe80::1%2', port: 443 });
    expect(formatEndpoint(peer)).toBe(String(peer));
    expect(() => formatEndpoint({ address: '::1', port: -1 })).toThrow(
      /^formatEndpoint: port .*got -1/,
    );
    expect(() => formatEndpoint({ address: 'localhost', port: 80 })).toThrow(RangeError);
    // @ts-expect-error text is no endpoint
    expect(() => formatEndpoint('::1')).toThrow(TypeError);
  });
});
