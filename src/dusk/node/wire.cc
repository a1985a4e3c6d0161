#include "dusk/node/wire.h"

namespace dusk::node {

void Writer::put(const data::Frames& frames) {
  put(frames.header);
  varint(frames.buffers.size());
  for (const data::BufferPtr& buffer : frames.buffers) {
    bool here = buffer->size() < kInlineMax;
    put(here);
    if (here) {
      put(std::string_view(reinterpret_cast<const char*>(buffer->data()), buffer->size()));
    } else {
      varint(message_.buffers.size());
      message_.buffers.push_back(buffer);
    }
  }
}

void Reader::get(data::Frames& frames) {
  get(frames.header);
  size_t count = length(2);
  for (size_t i = 0; i < count; ++i) {
    if (read<bool>()) {
      std::string_view bytes = raw(length(1));
      auto buffer = data::Buffer::allocate(bytes.size());
      if (!bytes.empty()) std::memcpy(buffer->data(), bytes.data(), bytes.size());
      frames.buffers.push_back(std::move(buffer));
    } else {
      uint64_t index = varint();
      if (index >= buffers_.size()) throw damaged("it names a buffer that it does not have");
      frames.buffers.push_back(buffers_[index]);
    }
  }
}

void Writer::put(const cluster::Body& body) {
  put(body != nullptr);
  if (body) put(*body);
}

void Reader::get(cluster::Body& body) {
  if (!read<bool>()) return;
  auto frames = std::make_shared<data::Frames>();
  get(*frames);
  body = std::move(frames);
}

}  // namespace dusk::node
