#include "dusk/node/entries.h"

namespace dusk::node {
namespace {

template <uint8_t kKind, class L>
net::Message encode_letter(const L& letter) {
  Writer writer;
  writer(kKind, letter);
  return writer.take();
}

}  // namespace

net::Message encode(const ClientLetter& letter) { return encode_letter<0>(letter); }
net::Message encode(const NewsLetter& letter) { return encode_letter<1>(letter); }
net::Message encode(const OrderLetter& letter) { return encode_letter<2>(letter); }
net::Message encode(const ReportLetter& letter) { return encode_letter<3>(letter); }
net::Message encode(const NodeEntry& entry) { return encode_letter<4>(NodeLetter{entry}); }

Letter decode(const net::Message& message) {
  Reader reader(message);
  switch (reader.read<uint8_t>()) {
    case 0: return reader.read<ClientLetter>();
    case 1: return reader.read<NewsLetter>();
    case 2: return reader.read<OrderLetter>();
    case 3: return reader.read<ReportLetter>();
    case 4: return reader.read<NodeLetter>();
    default: throw Reader::damaged("its kind is unknown");
  }
}

std::string encode_info(const cluster::WorkerInfo& info) {
  Writer writer;
  writer(info);
  return writer.take().control;
}

cluster::WorkerInfo decode_info(const std::string& details) {
  net::Message message{details, {}};
  return Reader(message).read<cluster::WorkerInfo>();
}

}  // namespace dusk::node
