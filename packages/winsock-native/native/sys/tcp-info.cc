// Where the kernel's own header puts the fields of tcp_info: for comparison in tests. linux/tcp.h; see tcp(7).
//
// A file of its own: the C library's netinet/tcp.h, which everything else includes, defines the same names, and its
// structure ends at the fields of 2004.
#include <cstddef>

#if defined(__linux__)
#include <linux/tcp.h>
#endif

#include "tcp-info.h"

namespace netloom::sys {

#if defined(__linux__)
#define FIELD(F) {#F, offsetof(tcp_info, F)}
const FieldOffset kTcpInfo[] = {
    {"size", sizeof(tcp_info)},
    FIELD(tcpi_state),
    FIELD(tcpi_ca_state),
    FIELD(tcpi_retransmits),
    FIELD(tcpi_probes),
    FIELD(tcpi_backoff),
    FIELD(tcpi_options),
    FIELD(tcpi_rto),
    FIELD(tcpi_ato),
    FIELD(tcpi_snd_mss),
    FIELD(tcpi_rcv_mss),
    FIELD(tcpi_unacked),
    FIELD(tcpi_sacked),
    FIELD(tcpi_lost),
    FIELD(tcpi_retrans),
    FIELD(tcpi_fackets),
    FIELD(tcpi_last_data_sent),
    FIELD(tcpi_last_ack_sent),
    FIELD(tcpi_last_data_recv),
    FIELD(tcpi_last_ack_recv),
    FIELD(tcpi_pmtu),
    FIELD(tcpi_rcv_ssthresh),
    FIELD(tcpi_rtt),
    FIELD(tcpi_rttvar),
    FIELD(tcpi_snd_ssthresh),
    FIELD(tcpi_snd_cwnd),
    FIELD(tcpi_advmss),
    FIELD(tcpi_reordering),
    FIELD(tcpi_rcv_rtt),
    FIELD(tcpi_rcv_space),
    FIELD(tcpi_total_retrans),
    FIELD(tcpi_pacing_rate),
    FIELD(tcpi_max_pacing_rate),
    FIELD(tcpi_bytes_acked),
    FIELD(tcpi_bytes_received),
    FIELD(tcpi_segs_out),
    FIELD(tcpi_segs_in),
    FIELD(tcpi_notsent_bytes),
    FIELD(tcpi_min_rtt),
    FIELD(tcpi_data_segs_in),
    FIELD(tcpi_data_segs_out),
    FIELD(tcpi_delivery_rate),
    FIELD(tcpi_busy_time),
    FIELD(tcpi_rwnd_limited),
    FIELD(tcpi_sndbuf_limited),
    FIELD(tcpi_delivered),
    FIELD(tcpi_delivered_ce),
    FIELD(tcpi_bytes_sent),
    FIELD(tcpi_bytes_retrans),
    FIELD(tcpi_dsack_dups),
    FIELD(tcpi_reord_seen),
    FIELD(tcpi_rcv_ooopack),
    FIELD(tcpi_snd_wnd),
};
#undef FIELD
const size_t kTcpInfoCount = sizeof kTcpInfo / sizeof *kTcpInfo;
#else
const FieldOffset kTcpInfo[] = {{"size", 0}};
const size_t kTcpInfoCount = 0;
#endif

}  // namespace netloom::sys
