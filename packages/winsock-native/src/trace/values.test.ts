import { SockaddrIn, SockaddrIn6, SockaddrUn } from '@netloom/sockaddr';
import { describe, expect, test } from 'vitest';
import { native } from '../native.js';
import { optionValue } from './options.js';
import { address, data, Names, TRACED_BYTES } from './values.js';

const { constants } = native;
const names = new Names(constants);

describe('data in words', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const utf8 = (text: string) => Buffer.from(text);

  test.each<[string, Uint8Array, string]>([
    ['text', utf8('OK'), '"OK"'],
    ['text with a line break', utf8('a\r\n"b"'), '"a\\r\\n\\"b\\""'],
    ['Chinese', utf8('你好'), '"你好"'],
    ['wide text', utf16('Welcome to server!'), 'L"Welcome to server!"'],
    ['wide Chinese with a blank', utf16('你 好'), 'L"你 好"'],
    ['wide text beyond the basic plane', utf16('a😀'), 'L"a😀"'],
    ['wide Russian', utf16('Привет, world'), 'L"Привет, world"'],
    ['nothing', utf8(''), '""'],
    ['bytes that would be wide text of two scripts', Uint8Array.of(1, 2, 3, 4), '<4 bytes>'],
    ['bytes that would be wide text of a rare script', Uint8Array.of(0x34, 0x12), '<2 bytes>'],
    ['bytes', Uint8Array.of(0, 1, 0xff), '<3 bytes>'],
    ['an even number of bytes that are no text', Uint8Array.of(0, 0xd8, 1, 0), '<4 bytes>'],
  ])('%s', (_what, bytes, text) => {
    expect(data(bytes, bytes.length)).toEqual({
      text,
      bytes: { hex: Buffer.from(bytes).toString('hex'), length: bytes.length },
    });
  });

  test('is cut at a limit, in the middle of a character too, and tells its length', () => {
    const long = utf8(`a${'你'.repeat(100)}`);
    const { text, bytes } = data(long, long.length);
    expect(text).toBe(`"a${'你'.repeat(85)}"…`);
    expect(bytes?.length).toBe(301);
    expect(bytes?.hex.length).toBe(2 * TRACED_BYTES);
  });

  test('is no longer than the length that C was given, nor than the memory', () => {
    expect(data(utf8('abcdef'), 3).text).toBe('"abc"');
    expect(data(utf8('abc'), 99).text).toBe('"abc"');
    expect(data(utf8('abc'), -1).text).toBe('""');
    expect(data(null, 0)).toEqual({ text: 'NULL' });
  });

  test('is read from shared memory, and is none where the memory was detached', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(2));
    shared.set(utf8('OK'));
    expect(data(shared, 2).text).toBe('"OK"');
    const gone = Uint8Array.from(utf8('gone'));
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    expect(data(gone, 4)).toEqual({ text: '""', bytes: { hex: '', length: 0 } });
  });
});

describe('addresses in words', () => {
  test.each([
    [SockaddrIn.from({ address: '127.0.0.1', port: 9008 }), '127.0.0.1:9008'],
    [SockaddrIn6.from({ address: '::1', port: 80 }), '[::1]:80'],
    [SockaddrUn.from({ path: '/tmp/x' }), '/tmp/x'],
    [SockaddrUn.from({ abstractName: 'netloom' }), '@netloom'],
  ])('%s', (structure, text) => {
    expect(address(structure.bytes, structure.length).text).toBe(text);
  });

  test('is one line, whatever name its owner chose', () => {
    const name = SockaddrUn.from({ path: '/tmp/a\u001b[31mb\nc' });
    expect(address(name.bytes, name.length).text).toBe('/tmp/a\\x1b[31mb\\x0ac');
  });

  test('of no bytes, of too few, and NULL', () => {
    const { bytes } = SockaddrIn.from({ address: '127.0.0.1', port: 9008 });
    expect(address(bytes, 0)).toEqual({ text: '{}', bytes: { hex: '', length: 0 } });
    expect(address(bytes, 7).bytes?.length).toBe(7);
    expect(address(bytes, 1).bytes?.length).toBe(1);
    expect(address(null, 16)).toEqual({ text: 'NULL' });
  });
});

describe('numbers in words', () => {
  const { MSG_PEEK = 0, MSG_OOB = 0, POLLIN = 0, POLLOUT = 0 } = constants;

  test.each([
    ['family', names.family(constants.AF_INET ?? -1), 'AF_INET'],
    ['unknown family', names.family(9999), '9999'],
    ['type', names.type(constants.SOCK_DGRAM ?? -1), 'SOCK_DGRAM'],
    ['protocol', names.protocol(17), 'IPPROTO_UDP'],
    ['protocol 0', names.protocol(0), '0'],
    ['no flags', names.messageFlags(0), '0'],
    ['flags', names.messageFlags(MSG_PEEK | MSG_OOB), 'MSG_OOB|MSG_PEEK'],
    ['unknown flags', names.messageFlags(MSG_PEEK | 0x0800_0000), 'MSG_PEEK|0x8000000'],
    ['events', names.pollEvents(POLLIN | POLLOUT), 'POLLIN|POLLOUT'],
    ['how', names.how(1), 'SD_SEND'],
    ['unknown how', names.how(7), '7'],
    ['control', names.control(constants.FIONBIO ?? 0), 'FIONBIO'],
    ['unknown control', names.control(0x1234), '0x1234'],
    ['level', names.level(constants.SOL_SOCKET ?? -1), 'SOL_SOCKET'],
    ['option', names.option(6, constants.TCP_NODELAY ?? -1), 'TCP_NODELAY'],
    ['unknown option', names.option(6, 9999), '9999'],
    ['backlog', names.backlog(5), '5'],
  ])('%s', (_what, value, text) => expect(value).toEqual({ text }));

  test.runIf(process.platform === 'linux')('a type with what Linux lets be OR-ed to it', () => {
    const { SOCK_STREAM = 0, SOCK_NONBLOCK = 0, SOCK_CLOEXEC = 0 } = constants;
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    expect(names.type(type).text).toBe('SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC');
  });
});

describe('values of options in words', () => {
  const words = { names, codecs: native.optionCodecs };
  const int = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
  const { linger, timeval } = native.optionCodecs;

  test.each<[string, Uint8Array, string]>([
    ['SO_REUSEADDR', int(1), '1'],
    ['SO_ERROR', int(0), '0'],
    ['SO_ERROR', int(10061), '10061 (WSAECONNREFUSED)'],
    ['SO_LINGER', linger.pack({ l_onoff: 1, l_linger: 0 }), '{l_onoff: 1, l_linger: 0}'],
    ['SO_RCVTIMEO', timeval.pack({ tv_sec: 2, tv_usec: 5 }), '{tv_sec: 2, tv_usec: 5}'],
    ['TCP_CONGESTION', Buffer.from('reno\0cubic'), '"reno"'],
    ['IP_TTL', Uint8Array.of(64), '64'],
    ['SO_COOKIE', new Uint8Array(8), '<8 bytes>'],
  ])('%s', (name, bytes, text) => {
    expect(optionValue(words, name, bytes, bytes.length).text).toBe(text);
  });

  test.runIf(process.platform === 'linux')('TCP_INFO, with the fields that there are', () => {
    const bytes = new Uint8Array(104);
    bytes[0] = 10;
    expect(optionValue(words, 'TCP_INFO', bytes, 104).text).toBe(
      '{tcpi_state: TCP_LISTEN, tcpi_unacked: 0, tcpi_sacked: 0, tcpi_retransmits: 0, tcpi_rtt: 0, …}',
    );
    expect(optionValue(words, 'TCP_INFO', bytes, 1).text).toBe('{tcpi_state: TCP_LISTEN, …}');
  });

  test('NULL', () => expect(optionValue(words, 'SO_DEBUG', null, 4)).toEqual({ text: 'NULL' }));
});
