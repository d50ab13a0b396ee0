//! The listeners of dl-recv: real clients, the ledger, hostile peers, and how soon records come.

mod certificates;
mod curve;
mod curve_send;
mod curve_support;
mod hostile;
mod http;
mod ipv6;
mod ledger;
mod producers;
mod publish;
mod receiver;
mod recv_out;
mod send_otlp;
mod send_packed;
mod send_replay;
mod send_streams;
mod send_syslog;
mod stats;
mod subscribe;
mod support;
mod tls;
mod tls_files;
