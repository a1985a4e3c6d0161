// Messages a second and bytes a second by transport, between two loops on two threads; raw sockets
// of the system beside them.
#include <benchmark/benchmark.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "dusk/net/sockets.h"
#include "dusk/net/testing.h"

namespace dusk::net {
namespace {

using testing::connect_and_wait;
using testing::free_address;
using testing::LoopThread;
using testing::options_of;
using testing::Promise;

constexpr size_t kBulkBytes = size_t{64} << 20;
const char* const kSchemes[] = {"tcp", "unix", "tls", "inproc"};

// Answers each message with one of the same control part.
struct Echo {
  explicit Echo(const std::string& scheme) {
    listener = listen(there.loop, free_address(scheme), options_of("scheduler", "s"),
                      [](ConnectionPtr connection) {
                        Connection* raw = connection.get();
                        connection->start({[raw](Message m) {
                                             raw->send({std::move(m.control), {}});
                                           },
                                           [](const base::Error&) {},
                                           {}});
                      });
    connection =
        connect_and_wait(here.loop, listener->address(), options_of("worker", "w")).or_throw();
  }
  ~Echo() {
    here.call([&] { connection->close("over"), connection.reset(); });
  }
  LoopThread there;
  LoopThread here;
  std::unique_ptr<Listener> listener;
  ConnectionPtr connection;
};

// `window` messages of 100 bytes are on their way at any time; an item is there and back.
void round_trips(benchmark::State& state) {
  Echo echo(kSchemes[state.range(0)]);
  state.SetLabel(kSchemes[state.range(0)]);
  int64_t window = state.range(1);
  int64_t left = 0;
  int64_t coming = 0;
  Promise<bool> over;
  std::string control(100, 'c');
  Connection* connection = echo.connection.get();
  echo.here.call([&] {
    connection->start({[&](Message) {
                         if (left > 0) {
                           --left;
                           connection->send({control, {}});
                         }
                         if (--coming == 0) over.give(true);
                       },
                       [](const base::Error&) {},
                       {}});
  });
  int64_t messages = window == 1 ? 5'000 : 100'000;
  for (auto _ : state) {
    echo.here.loop.post([&] {
      coming = messages;
      left = messages - window;
      for (int64_t i = 0; i < window; ++i) connection->send({control, {}});
    });
    over.get();
  }
  state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(round_trips)
    ->ArgsProduct({{0, 1, 2, 3}, {1, 8, 64, 512}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Small messages one way, 512 of them a tick.
void stream_of_messages(benchmark::State& state) {
  state.SetLabel(kSchemes[state.range(0)]);
  constexpr int64_t kCount = 512 * 400;
  LoopThread there;
  LoopThread here;
  Promise<bool> over;
  int64_t got = 0;
  auto listener = listen(there.loop, free_address(kSchemes[state.range(0)]),
                         options_of("scheduler", "s"), [&](ConnectionPtr connection) {
                           connection->start({[&](Message) {
                                                if (++got == kCount) got = 0, over.give(true);
                                              },
                                              [](const base::Error&) {},
                                              {}});
                         });
  ConnectionPtr client =
      connect_and_wait(here.loop, listener->address(), options_of("worker", "w")).or_throw();
  here.call([&] { client->start({[](Message) {}, [](const base::Error&) {}, {}}); });
  std::string control(100, 'c');
  for (auto _ : state) {
    for (int i = 0; i < 400; ++i) {
      here.loop.post([&] {
        for (int j = 0; j < 512; ++j) client->send({control, {}});
      });
    }
    over.get();
  }
  state.SetItemsProcessed(state.iterations() * kCount);
  here.call([&] { client->close("over"), client.reset(); });
}
BENCHMARK(stream_of_messages)->DenseRange(0, 3)->UseRealTime()->Unit(benchmark::kMillisecond);

// 64 MiB buffers, each after the answer to the one before.
void bulk(benchmark::State& state) {
  Echo echo(kSchemes[state.range(0)]);
  state.SetLabel(kSchemes[state.range(0)]);
  Promise<bool> over;
  Connection* connection = echo.connection.get();
  echo.here.call([&] {
    connection->start({[&](Message) { over.give(true); }, [](const base::Error&) {}, {}});
  });
  data::BufferPtr buffer = data::Buffer::zeroed(kBulkBytes);
  for (auto _ : state) {
    echo.here.loop.post([&] { connection->send({"take", {buffer}}); });
    over.get();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kBulkBytes));
}
BENCHMARK(bulk)->DenseRange(0, 3)->UseRealTime()->Unit(benchmark::kMillisecond);

// The same by shared memory: lent, mapped there and, with an argument of 1, read from end to end.
void bulk_shared(benchmark::State& state) {
  bool read = state.range(0) == 1;
  state.SetLabel(read ? "unix, and read there" : "unix");
  LoopThread there;
  LoopThread here;
  Promise<bool> over;
  NetOptions sharing = options_of("worker", "w");
  sharing.limits.share_min = Limits().share_min;
  uint64_t sum = 0;
  auto listener = listen(
      there.loop, free_address("unix"), options_of("scheduler", "s"),
      [&](ConnectionPtr connection) {
        Connection* raw = connection.get();
        connection->start({[&, raw](Message m) {
                             auto* at = reinterpret_cast<const uint64_t*>(m.buffers[0]->data());
                             size_t words = read ? kBulkBytes / 8 : 1;
                             for (size_t i = 0; i < words; ++i) sum += at[i];
                             raw->send({"done", {}});
                           },
                           [](const base::Error&) {},
                           {}});
      });
  ConnectionPtr connection = connect_and_wait(here.loop, listener->address(), sharing).or_throw();
  here.call([&] {
    connection->start({[&](Message) { over.give(true); }, [](const base::Error&) {}, {}});
  });
  data::BufferPtr buffer = data::Buffer::zeroed(kBulkBytes);
  for (int i = 0; i < 3; ++i) {  // warm blocks
    here.loop.post([&] { connection->send({"take", {buffer}}); });
    over.get();
  }
  for (auto _ : state) {
    here.loop.post([&] { connection->send({"take", {buffer}}); });
    over.get();
  }
  benchmark::DoNotOptimize(sum);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kBulkBytes));
  here.call([&] { connection->close("over"), connection.reset(); });
}
BENCHMARK(bulk_shared)->DenseRange(0, 1)->UseRealTime()->Unit(benchmark::kMillisecond);

// The same by write() and read() on blocking sockets, into one place that stays warm.
void raw_bulk(benchmark::State& state) {
  Address address = free_address(kSchemes[state.range(0)]);
  state.SetLabel(kSchemes[state.range(0)]);
  Descriptor listening = bind_and_listen(address);
  address.port = port_of(listening.number());
  auto place = resolve(address).value().front();
  Descriptor ours(socket(place.family(), SOCK_STREAM, 0));
  if (::connect(ours.number(), place.get(), place.length) != 0) return state.SkipWithError("no");
  Descriptor theirs;
  while (theirs.number() < 0) theirs = Descriptor(accept(listening.number(), nullptr, nullptr));
  configure(ours.number(), Limits());
  configure(theirs.number(), Limits());
  std::thread reader([&] {
    data::BufferPtr buffer = data::Buffer::zeroed(kBulkBytes);
    while (true) {
      for (size_t have = 0; have < kBulkBytes;) {
        ssize_t n = recv(theirs.number(), buffer->data() + have, kBulkBytes - have, 0);
        if (n <= 0) return;
        have += static_cast<size_t>(n);
      }
      if (send(theirs.number(), "x", 1, MSG_NOSIGNAL) != 1) return;
    }
  });
  data::BufferPtr buffer = data::Buffer::zeroed(kBulkBytes);
  for (auto _ : state) {
    for (size_t sent = 0; sent < kBulkBytes;) {
      ssize_t n = send(ours.number(), buffer->data() + sent, kBulkBytes - sent, MSG_NOSIGNAL);
      if (n <= 0) return state.SkipWithError("the other side is gone");
      sent += static_cast<size_t>(n);
    }
    char answer;
    if (recv(ours.number(), &answer, 1, 0) != 1) state.SkipWithError("no answer");
  }
  shutdown(ours.number(), SHUT_RDWR);
  reader.join();
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kBulkBytes));
}
BENCHMARK(raw_bulk)->DenseRange(0, 1)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dusk::net
