// Tasks a second through a scheduler in a process of its own, wire included: a client and zero
// workers on this side answer at once and pretend that data moved. What counts is the processor
// time of the scheduler's process.
#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <future>

#include "dusk/net/testing_certificates.h"
#include "dusk/net/transport.h"
#include "dusk/node/entries.h"
#include "dusk/node/loop_thread.h"
#include "dusk/node/protocol.h"
#include "dusk/node/scheduler.h"

namespace dusk::node {
namespace {

constexpr const char* kSchemes[] = {"unix", "tcp", "tls"};

net::Address address_for(const std::string& scheme) {
  if (scheme != "unix") return net::Address::parse(scheme + "://127.0.0.1:0");
  return net::Address::parse("unix:///tmp/dusk-bench-" + std::to_string(getpid()) + ".sock");
}

// A scheduler in a child process, until it is dropped. REQUIRES: this process has one thread.
class SchedulerProcess {
 public:
  SchedulerProcess(const std::string& scheme, const net::TlsOptions& tls) {
    int up[2];
    int down[2];
    if (pipe(up) != 0 || pipe(down) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      close(up[0]);
      close(down[1]);
      serve(scheme, tls, up[1], down[0]);
    }
    close(up[1]);
    close(down[0]);
    alive_ = down[1];
    char text[256];
    ssize_t n = read(up[0], text, sizeof text);
    close(up[0]);
    if (n <= 0) std::abort();
    address_.assign(text, static_cast<size_t>(n));
    if (clock_getcpuclockid(pid_, &clock_) != 0) std::abort();
  }
  ~SchedulerProcess() {
    close(alive_);
    waitpid(pid_, nullptr, 0);
  }
  const std::string& address() const { return address_; }
  // Processor time that it has used.
  double seconds() const {
    timespec t{};
    clock_gettime(clock_, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }

 private:
  [[noreturn]] static void serve(const std::string& scheme, const net::TlsOptions& tls, int up,
                                 int down) {
    {
      SchedulerSettings settings;
      settings.listen = {address_for(scheme)};
      settings.tls = tls;
      Scheduler scheduler(std::move(settings));
      std::string address = scheduler.addresses()[0];
      if (write(up, address.data(), address.size()) < 0) _exit(1);
      char end;
      while (read(down, &end, 1) > 0) {
      }
    }
    _exit(0);
  }

  pid_t pid_;
  int alive_ = -1;
  clockid_t clock_{};
  std::string address_;
};

// A client and workers on one loop.
class ZeroCluster {
 public:
  ZeroCluster(const std::string& scheduler, const net::TlsOptions& tls, int workers) : tls_(tls) {
    scheduler_ = net::Address::parse(scheduler);
    client_ = connect("client", "");
    client_->start({[this](net::Message m) { news(m); }, [](const base::Error&) {}, {}});
    for (int i = 0; i < workers; ++i) {
      cluster::WorkerInfo info;
      info.address = "tcp://127.0.0.1:" + std::to_string(i + 1);
      net::ConnectionPtr worker = connect("worker", encode_info(info));
      net::Connection* raw = worker.get();
      thread_.call([&] {
        raw->start(
            {[this, raw](net::Message m) { orders(*raw, m); }, [](const base::Error&) {}, {}});
      });
      workers_.push_back(std::move(worker));
    }
    send({cluster::SubmitCode{1, {1, 1}, "inc", nullptr}});
  }
  ~ZeroCluster() {
    thread_.call([&] {
      client_->close("the end");
      for (auto& worker : workers_) worker->close("the end");
    });
  }

  // Batches of a thousand, as clients stream them; until the wanted ones are finished.
  void run(std::vector<cluster::SubmitTask> tasks, int wanted) {
    wanted_ = wanted;
    over_ = std::promise<void>();
    ClientLetter letter;
    for (cluster::SubmitTask& task : tasks) {
      letter.push_back(std::move(task));
      if (letter.size() == 1000) send(std::exchange(letter, {}));
    }
    letter.push_back(cluster::SubmitEnd{});
    send(std::move(letter));
    over_.get_future().wait();
  }
  void release(cluster::TaskNumber first, cluster::TaskNumber last) {
    ClientLetter letter;
    for (auto n = first; n <= last; ++n) letter.push_back(cluster::ReleaseTask{n});
    send(std::move(letter));
  }

 private:
  net::ConnectionPtr connect(const std::string& role, const std::string& details) {
    std::promise<net::ConnectionPtr> made;
    net::connect(thread_.loop(), scheduler_, net_options(role, "bench", details, tls_),
                 [&](base::Result<net::ConnectionPtr> c) { made.set_value(std::move(c).value()); });
    return made.get_future().get();
  }
  void send(ClientLetter letter) {
    thread_->post(
        [this, message = encode(letter)]() mutable { client_->send(std::move(message)); });
  }
  void news(const net::Message& message) {
    Letter letter = decode(message);
    auto* news = std::get_if<NewsLetter>(&letter);
    for (auto& entry : news ? *news : NewsLetter()) {
      if (std::holds_alternative<cluster::TaskFinished>(entry) && --wanted_ == 0) over_.set_value();
    }
  }
  static void orders(net::Connection& worker, const net::Message& message) {
    Letter letter = decode(message);
    auto* orders = std::get_if<OrderLetter>(&letter);
    ReportLetter reports;
    for (auto& order : orders ? *orders : OrderLetter()) {
      if (auto* run = std::get_if<cluster::RunTask>(&order)) {
        for (const auto& input : run->inputs) reports.push_back(cluster::CopyAdded{input.task});
        reports.push_back(cluster::RunFinished{run->task, run->attempt, 64, 1, nullptr});
      } else if (auto* retract = std::get_if<cluster::RetractTask>(&order)) {
        reports.push_back(cluster::RunKept{retract->task, retract->attempt});
      }
    }
    if (!reports.empty()) worker.send(encode(reports));
  }

  net::TlsOptions tls_;
  net::Address scheduler_;
  std::atomic<int> wanted_{0};
  std::promise<void> over_;
  net::ConnectionPtr client_;
  std::vector<net::ConnectionPtr> workers_;
  LoopThread thread_;
};

cluster::SubmitTask task_of(cluster::TaskNumber number, std::vector<cluster::TaskNumber> inputs,
                            bool wanted) {
  cluster::SubmitTask task;
  task.number = number;
  task.key = "inc-" + std::to_string(number);
  task.code = 1;
  task.dependencies = std::move(inputs);
  task.wanted = wanted;
  return task;
}

// Pairs are joined until one is left.
std::vector<cluster::SubmitTask> tree(int64_t n, cluster::TaskNumber& number) {
  std::vector<cluster::SubmitTask> tasks;
  std::vector<cluster::TaskNumber> level;
  for (int64_t i = 0; i < n / 2; ++i) {
    tasks.push_back(task_of(++number, {}, false));
    level.push_back(number);
  }
  while (level.size() > 1) {
    std::vector<cluster::TaskNumber> next;
    for (size_t i = 0; i + 1 < level.size(); i += 2) {
      tasks.push_back(task_of(++number, {level[i], level[i + 1]}, level.size() == 2));
      next.push_back(number);
    }
    if (level.size() % 2) next.push_back(level.back());
    level = std::move(next);
  }
  return tasks;
}

void scheduler_process(benchmark::State& state) {
  std::string scheme = kSchemes[state.range(0)];
  net::testing::Authority authority;
  net::TlsOptions tls = scheme == "tls" ? authority.issue("bench") : net::TlsOptions();
  SchedulerProcess process(scheme, tls);
  ZeroCluster cluster(process.address(), tls, static_cast<int>(state.range(2)));
  cluster::TaskNumber number = 0;
  for (auto _ : state) {
    auto tasks = tree(state.range(1), number);
    cluster::TaskNumber last = number;
    double before = process.seconds();
    cluster.run(std::move(tasks), 1);
    state.SetIterationTime(process.seconds() - before);
    cluster.release(last, last);
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.SetLabel(scheme);
}
BENCHMARK(scheduler_process)
    ->ArgsProduct({{0, 1, 2}, {100'000}, {24, 168}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dusk::node
