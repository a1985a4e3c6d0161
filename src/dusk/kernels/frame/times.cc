#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <charconv>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

namespace pc = arrow::compute;
using ArrayPtr = std::shared_ptr<arrow::Array>;

const ArrayPtr& instants(const Call& call) {
  const ArrayPtr& x = call.args[0].array;
  auto id = x->type_id();
  if (id != arrow::Type::TIMESTAMP && id != arrow::Type::DATE32 && id != arrow::Type::DATE64) {
    throw base::Error(base::ErrorKind::kAttribute,
                      "[" + call.function +
                          "] Can only use .dt accessor with datetimelike values, "
                          "not " +
                          x->type()->ToString());
  }
  return x;
}

ArrayPtr component(const ArrayPtr& x, const std::string& name) {
  bool day_only = x->type_id() != arrow::Type::TIMESTAMP;
  bool of_clock = name == "hour" || name == "minute" || name == "second" || name == "millisecond" ||
                  name == "microsecond" || name == "nanosecond";
  ArrayPtr in = day_only && of_clock ? cast_array(x, arrow::timestamp(arrow::TimeUnit::MILLI)) : x;
  return cast_array(call_array(name, {in}), arrow::int32());
}

ArrayPtr part(const Call& call) {
  static const std::map<std::string, const char*> names = {{"dt_year", "year"},
                                                           {"dt_month", "month"},
                                                           {"dt_day", "day"},
                                                           {"dt_hour", "hour"},
                                                           {"dt_minute", "minute"},
                                                           {"dt_second", "second"},
                                                           {"dt_nanosecond", "nanosecond"},
                                                           {"dt_dayofweek", "day_of_week"},
                                                           {"dt_day_of_week", "day_of_week"},
                                                           {"dt_weekday", "day_of_week"},
                                                           {"dt_dayofyear", "day_of_year"},
                                                           {"dt_day_of_year", "day_of_year"},
                                                           {"dt_quarter", "quarter"}};
  return component(instants(call), names.at(call.function));
}

ArrayPtr microsecond(const Call& call) {
  auto milli = component(instants(call), "millisecond");
  auto micro = component(instants(call), "microsecond");
  Operand thousand{nullptr, arrow::MakeScalar(int64_t{1000}), true};
  auto scaled = run_function("multiply", {operand_of(milli), thousand}, call.length);
  return run_function("add", {operand_of(scaled), operand_of(micro)}, call.length);
}

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

struct Dates {
  ArrayPtr year, month, day;
  explicit Dates(const ArrayPtr& x)
      : year(component(x, "year")), month(component(x, "month")), day(component(x, "day")) {}
  int32_t at(const ArrayPtr& column, int64_t i) const {
    return static_cast<const arrow::Int32Array&>(*column).Value(i);
  }
};

ArrayPtr days_in_month(const Call& call) {
  Dates dates(instants(call));
  auto values = allocate_bytes(call.length * 4);
  auto* out = reinterpret_cast<int32_t*>(values->mutable_data());
  for (int64_t i = 0; i < call.length; ++i) {
    bool there = dates.month->IsValid(i);
    out[i] = there ? days_in(dates.at(dates.year, i), dates.at(dates.month, i)) : 0;
  }
  Operand x = call.args[0];
  return fixed_array(arrow::int32(), call.length, values, common_validity(x, x, call.length));
}

bool calendar_answer(const std::string& name, int year, int month, int day) {
  if (name == "dt_is_leap_year") return is_leap(year);
  bool starts = name.ends_with("_start");
  if (starts ? day != 1 : day != days_in(year, month)) return false;
  if (name.find("month") != std::string::npos) return true;
  int period = name.find("quarter") != std::string::npos ? 3 : 12;
  return starts ? (month - 1) % period == 0 : month % period == 0;
}

ArrayPtr calendar(const Call& call) {
  Dates dates(instants(call));
  auto bytes = allocate_bytes(call.length);
  for (int64_t i = 0; i < call.length; ++i) {
    bytes->mutable_data()[i] = dates.month->IsValid(i) &&
                               calendar_answer(call.function, dates.at(dates.year, i),
                                               dates.at(dates.month, i), dates.at(dates.day, i));
  }
  return bool_array(bytes->data(), call.length);
}

ArrayPtr date(const Call& call) {
  const ArrayPtr& x = instants(call);
  if (x->type_id() != arrow::Type::TIMESTAMP) return cast_array(x, arrow::date32());
  const auto& type = static_cast<const arrow::TimestampType&>(*x->type());
  ArrayPtr local = type.timezone().empty() ? x : call_array("local_timestamp", {x});
  return cast_array(local, arrow::date32());
}

// "5min", "h", "D": a count and pandas' letters for a fixed unit.
pc::RoundTemporalOptions rounding(const Call& call, const std::string& freq) {
  int count = 1;
  auto [rest, error] = std::from_chars(freq.data(), freq.data() + freq.size(), count);
  std::string unit(rest, freq.data() + freq.size());
  static const std::map<std::string, pc::CalendarUnit> units = {
      {"D", pc::CalendarUnit::DAY},          {"h", pc::CalendarUnit::HOUR},
      {"min", pc::CalendarUnit::MINUTE},     {"s", pc::CalendarUnit::SECOND},
      {"ms", pc::CalendarUnit::MILLISECOND}, {"us", pc::CalendarUnit::MICROSECOND},
      {"ns", pc::CalendarUnit::NANOSECOND}};
  auto found = units.find(unit);
  if (found == units.end()) {
    throw base::value_error("[" + call.function + "] Invalid frequency: " + freq +
                            "; fixed ones are D, h, min, s, ms, us, ns");
  }
  return pc::RoundTemporalOptions(count, found->second);
}

ArrayPtr round_time(const Call& call) {
  bool day = call.function == "dt_normalize";
  auto options = rounding(call, day ? "D" : text_option(call, "freq"));
  const char* name = day || call.function == "dt_floor" ? "floor_temporal"
                     : call.function == "dt_ceil"       ? "ceil_temporal"
                                                        : "round_temporal";
  return cast_array(call_array(name, {instants(call)}, &options), instants(call)->type());
}

ArrayPtr formatted(const Call& call) {
  std::string format = call.function == "dt_day_name"     ? "%A"
                       : call.function == "dt_month_name" ? "%B"
                                                          : text_option(call, "date_format");
  // Arrow prints fractions with %S; whole seconds are what Python means.
  ArrayPtr x = instants(call);
  if (format.find("%f") != std::string::npos) {
    throw base::not_implemented("[dt_strftime] %f has no native form; see docs/status.md");
  }
  if (x->type_id() == arrow::Type::TIMESTAMP) {
    const auto& type = static_cast<const arrow::TimestampType&>(*x->type());
    pc::RoundTemporalOptions seconds(1, pc::CalendarUnit::SECOND);
    x = cast_array(call_array("floor_temporal", {x}, &seconds),
                   arrow::timestamp(arrow::TimeUnit::SECOND, type.timezone()));
  } else {
    x = cast_array(x, arrow::timestamp(arrow::TimeUnit::SECOND));
  }
  pc::StrftimeOptions options(format);
  return cast_array(call_array("strftime", {x}, &options), arrow::large_utf8());
}

int64_t ticks_per_second(const arrow::DataType& type) {
  switch (static_cast<const arrow::DurationType&>(type).unit()) {
    case arrow::TimeUnit::SECOND: return 1;
    case arrow::TimeUnit::MILLI: return 1'000;
    case arrow::TimeUnit::MICRO: return 1'000'000;
    default: return 1'000'000'000;
  }
}

// pandas' components of a timedelta: days may be negative, the others never are.
ArrayPtr duration_part(const Call& call) {
  const ArrayPtr& x = call.args[0].array;
  if (x->type_id() != arrow::Type::DURATION) {
    throw base::Error(base::ErrorKind::kAttribute,
                      "[" + call.function +
                          "] Can only use .dt accessor with timedelta values, not " +
                          x->type()->ToString());
  }
  int64_t second = ticks_per_second(*x->type());
  ColumnView view = view_of(*x);
  Operand self = call.args[0];
  auto validity = common_validity(self, self, call.length);
  bool total = call.function == "dt_total_seconds";
  bool days = call.function == "dt_days";
  auto values = allocate_bytes(call.length * (total || days ? 8 : 4));
  for (int64_t i = 0; i < call.length; ++i) {
    int64_t ticks = view.as<int64_t>()[i];
    int64_t day = ticks / (86400 * second) - (ticks % (86400 * second) < 0);
    int64_t rest = ticks - day * 86400 * second;
    if (total) {
      reinterpret_cast<double*>(values->mutable_data())[i] =
          static_cast<double>(ticks) / static_cast<double>(second);
    } else if (days) {
      reinterpret_cast<int64_t*>(values->mutable_data())[i] = day;
    } else {
      int64_t nanos = rest % second * (1'000'000'000 / second);
      int64_t part = call.function == "dt_seconds"        ? rest / second
                     : call.function == "dt_microseconds" ? nanos / 1000
                                                          : nanos % 1000;
      reinterpret_cast<int32_t*>(values->mutable_data())[i] = static_cast<int32_t>(part);
    }
  }
  auto type = total ? arrow::float64() : days ? arrow::int64() : arrow::int32();
  return fixed_array(type, call.length, values, validity);
}

}  // namespace

std::vector<Function> time_functions() {
  std::vector<Function> functions;
  auto add = [&](Run run, std::initializer_list<const char*> names) {
    for (const char* name : names) functions.push_back({name, 1, 1, run});
  };
  add(part, {"dt_year", "dt_month", "dt_day", "dt_hour", "dt_minute", "dt_second", "dt_nanosecond",
             "dt_dayofweek", "dt_day_of_week", "dt_weekday", "dt_dayofyear", "dt_day_of_year",
             "dt_quarter"});
  add(microsecond, {"dt_microsecond"});
  add(days_in_month, {"dt_days_in_month", "dt_daysinmonth"});
  add(calendar, {"dt_is_month_start", "dt_is_month_end", "dt_is_quarter_start", "dt_is_quarter_end",
                 "dt_is_year_start", "dt_is_year_end", "dt_is_leap_year"});
  add(date, {"dt_date"});
  add(round_time, {"dt_normalize", "dt_floor", "dt_ceil", "dt_round"});
  add(formatted, {"dt_strftime", "dt_day_name", "dt_month_name"});
  add(duration_part,
      {"dt_days", "dt_seconds", "dt_microseconds", "dt_nanoseconds", "dt_total_seconds"});
  return functions;
}

}  // namespace dusk::kernels::frame
