// Where the kernel's own header puts the fields of tcp_info: for comparison in tests. linux/tcp.h; see tcp(7).
//
// A file of its own: the C library's netinet/tcp.h, which everything else includes, defines the same names, and its
// structure ends at the fields of 2004. A header of an older kernel has fewer fields: what it lacks has no offset, and is
// no reason not to compile.
#include "tcp-info.h"

#if defined(__linux__)
#include <linux/tcp.h>
#endif

#include <type_traits>

namespace netloom::sys {

#if defined(__linux__)

// In the structure's order; its bit fields have no offset.
#define NETLOOM_TCP_INFO(X) \
  X(tcpi_state) \
  X(tcpi_ca_state) \
  X(tcpi_retransmits) \
  X(tcpi_probes) \
  X(tcpi_backoff) \
  X(tcpi_options) \
  X(tcpi_rto) \
  X(tcpi_ato) \
  X(tcpi_snd_mss) \
  X(tcpi_rcv_mss) \
  X(tcpi_unacked) \
  X(tcpi_sacked) \
  X(tcpi_lost) \
  X(tcpi_retrans) \
  X(tcpi_fackets) \
  X(tcpi_last_data_sent) \
  X(tcpi_last_ack_sent) \
  X(tcpi_last_data_recv) \
  X(tcpi_last_ack_recv) \
  X(tcpi_pmtu) \
  X(tcpi_rcv_ssthresh) \
  X(tcpi_rtt) \
  X(tcpi_rttvar) \
  X(tcpi_snd_ssthresh) \
  X(tcpi_snd_cwnd) \
  X(tcpi_advmss) \
  X(tcpi_reordering) \
  X(tcpi_rcv_rtt) \
  X(tcpi_rcv_space) \
  X(tcpi_total_retrans) \
  X(tcpi_pacing_rate) \
  X(tcpi_max_pacing_rate) \
  X(tcpi_bytes_acked) \
  X(tcpi_bytes_received) \
  X(tcpi_segs_out) \
  X(tcpi_segs_in) \
  X(tcpi_notsent_bytes) \
  X(tcpi_min_rtt) \
  X(tcpi_data_segs_in) \
  X(tcpi_data_segs_out) \
  X(tcpi_delivery_rate) \
  X(tcpi_busy_time) \
  X(tcpi_rwnd_limited) \
  X(tcpi_sndbuf_limited) \
  X(tcpi_delivered) \
  X(tcpi_delivered_ce) \
  X(tcpi_bytes_sent) \
  X(tcpi_bytes_retrans) \
  X(tcpi_dsack_dups) \
  X(tcpi_reord_seen) \
  X(tcpi_rcv_ooopack) \
  X(tcpi_snd_wnd)

#define X(F)                                                                        \
  template <typename S, typename = void>                                            \
  constexpr size_t offset_##F = kNoOffset;                                          \
  template <typename S>                                                             \
  constexpr size_t offset_##F<S, std::void_t<decltype(S::F)>> = offsetof(S, F);
NETLOOM_TCP_INFO(X)
#undef X

const FieldOffset kTcpInfo[] = {
    {"size", sizeof(tcp_info)},
#define X(F) {#F, offset_##F<tcp_info>},
    NETLOOM_TCP_INFO(X)
#undef X
};
const size_t kTcpInfoCount = sizeof kTcpInfo / sizeof *kTcpInfo;

#else

const FieldOffset kTcpInfo[] = {{"size", kNoOffset}};
const size_t kTcpInfoCount = 0;

#endif

}  // namespace netloom::sys
