/**
 * What the kernel knows of a TCP connection or listener: C's `struct tcp_info`, by its own field names.
 *
 * The layout is the kernel's, written down here because the structure grows at its end with the kernel while the headers of
 * the C library stand still; a test holds it against the compiler. Source: tcp(7) TCP_INFO · linux/tcp.h.
 */
import type { OptionCodec } from './option-codecs.js';

/**
 * What `getsockopt(s, IPPROTO_TCP, TCP_INFO, …)` and `socket.getOption(IPPROTO_TCP, TCP_INFO)` give, on Linux.
 *
 * Times are microseconds where nothing else is said. A field that the running kernel is too old for is absent: those that every
 * kernel has since 2.6 are always there, the others are optional.
 */
export interface tcp_info {
  /** TCP_ESTABLISHED … TCP_CLOSING. */
  tcpi_state: number;
  /** The state of the congestion control: 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss. */
  tcpi_ca_state: number;
  /** How often the segment that waits for its ACK was sent again, SYN included. */
  tcpi_retransmits: number;
  /** Window probes and keep-alives that have not been answered. */
  tcpi_probes: number;
  tcpi_backoff: number;
  /** TCPI_OPT_TIMESTAMPS, TCPI_OPT_SACK … OR-ed. */
  tcpi_options: number;
  tcpi_snd_wscale: number;
  tcpi_rcv_wscale: number;
  /** The time until the next retransmission. */
  tcpi_rto: number;
  tcpi_ato: number;
  tcpi_snd_mss: number;
  tcpi_rcv_mss: number;
  /** Segments sent and not yet acknowledged. Of a listener: finished connections that wait for `accept`. */
  tcpi_unacked: number;
  /** Segments that were acknowledged out of order. Of a listener: how many may wait (the backlog as the kernel took it). */
  tcpi_sacked: number;
  tcpi_lost: number;
  tcpi_retrans: number;
  tcpi_fackets: number;
  /** Milliseconds since data was last sent. */
  tcpi_last_data_sent: number;
  /** Always 0: the kernel does not remember it. */
  tcpi_last_ack_sent: number;
  /** Milliseconds since data last came. */
  tcpi_last_data_recv: number;
  /** Milliseconds since an ACK last came. */
  tcpi_last_ack_recv: number;
  tcpi_pmtu: number;
  tcpi_rcv_ssthresh: number;
  /** The smoothed time of a round trip. */
  tcpi_rtt: number;
  tcpi_rttvar: number;
  tcpi_snd_ssthresh: number;
  tcpi_snd_cwnd: number;
  tcpi_advmss: number;
  tcpi_reordering: number;
  tcpi_rcv_rtt: number;
  tcpi_rcv_space: number;
  /** Retransmissions of the connection's whole life. */
  tcpi_total_retrans: number;

  // Linux 3.15
  /** Bytes a second. */
  tcpi_pacing_rate?: bigint;
  tcpi_max_pacing_rate?: bigint;
  // Linux 4.1 and 4.2
  tcpi_bytes_acked?: bigint;
  tcpi_bytes_received?: bigint;
  tcpi_segs_out?: number;
  tcpi_segs_in?: number;
  // Linux 4.6
  tcpi_notsent_bytes?: number;
  tcpi_min_rtt?: number;
  tcpi_data_segs_in?: number;
  tcpi_data_segs_out?: number;
  // Linux 4.9
  /** Whether `tcpi_delivery_rate` is what the program sent, not what the way could carry. */
  tcpi_delivery_rate_app_limited?: number;
  tcpi_delivery_rate?: bigint;
  // Linux 4.10
  tcpi_busy_time?: bigint;
  tcpi_rwnd_limited?: bigint;
  tcpi_sndbuf_limited?: bigint;
  // Linux 4.18 and 4.19
  tcpi_delivered?: number;
  tcpi_delivered_ce?: number;
  tcpi_bytes_sent?: bigint;
  tcpi_bytes_retrans?: bigint;
  tcpi_dsack_dups?: number;
  tcpi_reord_seen?: number;
  // Linux 5.4 and 5.5
  tcpi_rcv_ooopack?: number;
  tcpi_snd_wnd?: number;
  /** Why a fast open was not used: 0 not known, 1 no cookie, 2 the data was not acknowledged, 3 the SYN was sent again. */
  tcpi_fastopen_client_fail?: number;
  // Linux 6.2
  tcpi_rcv_wnd?: number;
  tcpi_rehash?: number;
  // Linux 6.7
  tcpi_total_rto?: number;
  tcpi_total_rto_recoveries?: number;
  /** Milliseconds. */
  tcpi_total_rto_time?: number;
  // Linux 6.18
  tcpi_received_ce?: number;
  tcpi_delivered_e1_bytes?: number;
  tcpi_delivered_e0_bytes?: number;
  tcpi_delivered_ce_bytes?: number;
  tcpi_received_e1_bytes?: number;
  tcpi_received_e0_bytes?: number;
  tcpi_received_ce_bytes?: number;
}

type FieldName = keyof tcp_info;

/** One field of whole bytes, at an offset. */
export interface TcpInfoField {
  readonly name: FieldName;
  readonly offset: number;
  readonly bytes: number;
}

/** The two bytes of bit fields after the first six, and the length with which their second half came into use. */
const WINDOW_SCALES_AT = 6;
const FLAGS_AT = 7;
const LENGTH_WITH_APP_LIMITED = 168;
const LENGTH_WITH_FASTOPEN_FAIL = 232;

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Every field of whole bytes, in the structure's order. @internal */
export const TCP_INFO_FIELDS: readonly TcpInfoField[] = [
  ...placed(0, 1, [
    'tcpi_state',
    'tcpi_ca_state',
    'tcpi_retransmits',
    'tcpi_probes',
    'tcpi_backoff',
    'tcpi_options',
  ]),
  ...placed(8, 4, [
    'tcpi_rto',
    'tcpi_ato',
    'tcpi_snd_mss',
    'tcpi_rcv_mss',
    'tcpi_unacked',
    'tcpi_sacked',
    'tcpi_lost',
    'tcpi_retrans',
    'tcpi_fackets',
    'tcpi_last_data_sent',
    'tcpi_last_ack_sent',
    'tcpi_last_data_recv',
    'tcpi_last_ack_recv',
    'tcpi_pmtu',
    'tcpi_rcv_ssthresh',
    'tcpi_rtt',
    'tcpi_rttvar',
    'tcpi_snd_ssthresh',
    'tcpi_snd_cwnd',
    'tcpi_advmss',
    'tcpi_reordering',
    'tcpi_rcv_rtt',
    'tcpi_rcv_space',
    'tcpi_total_retrans',
  ]),
  ...placed(104, 8, [
    'tcpi_pacing_rate',
    'tcpi_max_pacing_rate',
    'tcpi_bytes_acked',
    'tcpi_bytes_received',
  ]),
  ...placed(136, 4, [
    'tcpi_segs_out',
    'tcpi_segs_in',
    'tcpi_notsent_bytes',
    'tcpi_min_rtt',
    'tcpi_data_segs_in',
    'tcpi_data_segs_out',
  ]),
  ...placed(160, 8, [
    'tcpi_delivery_rate',
    'tcpi_busy_time',
    'tcpi_rwnd_limited',
    'tcpi_sndbuf_limited',
  ]),
  ...placed(192, 4, ['tcpi_delivered', 'tcpi_delivered_ce']),
  ...placed(200, 8, ['tcpi_bytes_sent', 'tcpi_bytes_retrans']),
  ...placed(216, 4, [
    'tcpi_dsack_dups',
    'tcpi_reord_seen',
    'tcpi_rcv_ooopack',
    'tcpi_snd_wnd',
    'tcpi_rcv_wnd',
    'tcpi_rehash',
  ]),
  ...placed(240, 2, ['tcpi_total_rto', 'tcpi_total_rto_recoveries']),
  ...placed(244, 4, [
    'tcpi_total_rto_time',
    'tcpi_received_ce',
    'tcpi_delivered_e1_bytes',
    'tcpi_delivered_e0_bytes',
    'tcpi_delivered_ce_bytes',
    'tcpi_received_e1_bytes',
    'tcpi_received_e0_bytes',
    'tcpi_received_ce_bytes',
  ]),
];

/** `struct tcp_info`; it can only be read. */
export const tcpInfoCodec: OptionCodec = {
  isStructure: true,
  size: Math.max(...TCP_INFO_FIELDS.map(({ offset, bytes }) => offset + bytes)),
  takes: 'an object to be filled with tcp_info (the option can only be read)',
  encode: () => undefined,
  decode: unpackTcpInfo,
};

/** The fields that the bytes hold; a kernel that gives fewer bytes has fewer fields. */
function unpackTcpInfo(bytes: Uint8Array): tcp_info {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Partial<Record<FieldName, number | bigint>> = {};
  for (const { name, offset, bytes: width } of TCP_INFO_FIELDS) {
    if (offset + width <= bytes.length) found[name] = readAt(view, offset, width);
  }
  const scales = bytes[WINDOW_SCALES_AT];
  if (scales !== undefined) {
    found.tcpi_snd_wscale = bits(scales, 0, 4);
    found.tcpi_rcv_wscale = bits(scales, 4, 4);
  }
  const flags = bytes[FLAGS_AT] ?? 0;
  if (bytes.length >= LENGTH_WITH_APP_LIMITED) {
    found.tcpi_delivery_rate_app_limited = bits(flags, 0, 1);
  }
  if (bytes.length >= LENGTH_WITH_FASTOPEN_FAIL) {
    found.tcpi_fastopen_client_fail = bits(flags, 1, 2);
  }
  // SAFETY: the table gives each field the type of its width, and no kernel that Node runs on gives less than the first 104
  // bytes, which hold every field that is not optional.
  return found as unknown as tcp_info;
}

function readAt(view: DataView, offset: number, width: number): number | bigint {
  switch (width) {
    case 1:
      return view.getUint8(offset);
    case 2:
      return view.getUint16(offset, isLittleEndian);
    case 4:
      return view.getUint32(offset, isLittleEndian);
    default:
      return view.getBigUint64(offset, isLittleEndian);
  }
}

/** A bit field of a byte: compilers lay them from the lowest bit on little-endian machines, from the highest elsewhere. */
function bits(byte: number, first: number, count: number): number {
  const lowest = isLittleEndian ? first : 8 - first - count;
  return (byte >> lowest) & ((1 << count) - 1);
}

function placed(start: number, bytes: number, names: readonly FieldName[]): TcpInfoField[] {
  return names.map((name, i) => ({ name, offset: start + i * bytes, bytes }));
}
