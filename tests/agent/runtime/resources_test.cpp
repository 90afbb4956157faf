// SPDX-License-Identifier: Apache-2.0
// config-linux.md, "Control groups": what each field comes to in the unified hierarchy and as a unit's
// property.
#include "agent/runtime/resources.hpp"

#include <boost/test/unit_test.hpp>

#include "agent/runtime/cgroup_values.hpp"
#include "agent/runtime/unit_properties.hpp"

using namespace podsd::runtime;

namespace {

struct Row {
  const char* json;
  const char* files;       ///< "file=text;…"
  const char* properties;  ///< "Name=type:value;…"
};

constexpr Row rows[] = {
    {R"({})", "", ""},
    {R"({"memory":{"limit":1048576}})", "memory.max=1048576;", "MemoryMax=t:1048576;"},
    {R"({"memory":{"limit":-1}})", "memory.swap.max=max;memory.max=max;",
     "MemoryMax=t:18446744073709551615;MemorySwapMax=t:18446744073709551615;"},
    {R"({"memory":{"limit":100,"swap":150,"reservation":50}})",
     "memory.swap.max=50;memory.max=100;memory.low=50;",
     "MemoryMax=t:100;MemoryLow=t:50;MemorySwapMax=t:50;"},
    {R"({"memory":{"limit":100,"swap":100}})", "memory.swap.max=0;memory.max=100;",
     "MemoryMax=t:100;MemorySwapMax=t:0;"},
    {R"({"memory":{"limit":100,"swap":-1}})", "memory.swap.max=max;memory.max=100;",
     "MemoryMax=t:100;MemorySwapMax=t:18446744073709551615;"},
    {R"({"memory":{"limit":0,"swap":0,"kernel":0,"disableOOMKiller":false}})", "", ""},
    {R"({"cpu":{"shares":1024}})", "cpu.weight=100;", "CPUWeight=t:100;"},
    {R"({"cpu":{"shares":2}})", "cpu.weight=1;", "CPUWeight=t:1;"},
    {R"({"cpu":{"shares":262144}})", "cpu.weight=10000;", "CPUWeight=t:10000;"},
    {R"({"cpu":{"quota":50000,"period":100000}})", "cpu.max=50000 100000;",
     "CPUQuotaPerSecUSec=t:500000;CPUQuotaPeriodUSec=t:100000;"},
    // 12.34 % is kept as 13 % by systemd.
    {R"({"cpu":{"quota":12340}})", "cpu.max=12340;",
     "CPUQuotaPerSecUSec=t:130000;CPUQuotaPeriodUSec=t:100000;"},
    {R"({"cpu":{"period":50000}})", "cpu.max=max 50000;",
     "CPUQuotaPerSecUSec=t:18446744073709551615;CPUQuotaPeriodUSec=t:50000;"},
    {R"({"cpu":{"quota":-1,"period":50000,"burst":1000}})", "cpu.max=max 50000;cpu.max.burst=1000;",
     "CPUQuotaPerSecUSec=t:18446744073709551615;CPUQuotaPeriodUSec=t:50000;"},
    {R"({"cpu":{"idle":1}})", "cpu.idle=1;", "CPUWeight=t:0;"},
    {R"({"cpu":{"cpus":"0-3,9","mems":"0"}})", "cpuset.cpus=0-3,9;cpuset.mems=0;",
     "AllowedCPUs=ay:0f02;AllowedMemoryNodes=ay:01;"},
    {R"({"pids":{"limit":64}})", "pids.max=64;", "TasksMax=t:64;"},
    {R"({"pids":{"limit":-1}})", "pids.max=max;", "TasksMax=t:18446744073709551615;"},
    {R"({"pids":{"limit":0}})", "", ""},
    {R"({"blockIO":{"weight":500}})", "io.weight=default 4950;", "IOWeight=t:4950;"},
    {R"({"blockIO":{"weightDevice":[{"major":8,"minor":16,"weight":1000}]}})", "io.weight=8:16 10000;", ""},
    {R"({"blockIO":{"throttleReadBpsDevice":[{"major":8,"minor":0,"rate":600}],
         "throttleWriteBpsDevice":[{"major":8,"minor":0,"rate":700}],
         "throttleReadIOPSDevice":[{"major":8,"minor":0,"rate":8}],
         "throttleWriteIOPSDevice":[{"major":8,"minor":0,"rate":0}]}})",
     "io.max=8:0 rbps=600;io.max=8:0 wbps=700;io.max=8:0 riops=8;io.max=8:0 wiops=max;", ""},
    {R"({"hugepageLimits":[{"pageSize":"2MB","limit":4194304}]})", "hugetlb.2MB.max=4194304;", ""},
    {R"({"rdma":{"mlx5_1":{"hcaHandles":3,"hcaObjects":10000},"x":{"hcaObjects":4}}})",
     "rdma.max=mlx5_1 hca_handle=3 hca_object=10000;rdma.max=x hca_object=4;", ""},
    {R"({"unified":{"memory.high":"1G","cpu.max":"max 1000","memory.oom.group":"1","cpuset.cpus":"1"}})",
     "cpu.max=max 1000;cpuset.cpus=1;memory.high=1G;memory.oom.group=1;",
     "CPUQuotaPerSecUSec=t:18446744073709551615;CPUQuotaPeriodUSec=t:1000;AllowedCPUs=ay:02;"
     "MemoryHigh=t:1073741824;"},
};

struct Wrong {
  const char *json, *message;
};
constexpr Wrong wrong[] = {
    {R"([])", "resources: must be an object of JSON"},
    {R"({"memory":{"swappiness":10}})", "resources: resources.memory.swappiness is of cgroup v1 only"},
    {R"({"memory":{"disableOOMKiller":true}})",
     "resources: resources.memory.disableOOMKiller is of cgroup v1 only"},
    {R"({"memory":{"kernelTCP":1}})", "resources: resources.memory.kernelTCP is of cgroup v1 only"},
    {R"({"rdma":{"x":{}}})", "resources: resources.rdma.x needs hcaHandles or hcaObjects"},
    {R"({"cpu":{"realtimeRuntime":950000}})",
     "resources: resources.cpu.realtimeRuntime is of cgroup v1 only"},
    {R"({"network":{"classID":1}})", "resources: resources.network is of cgroup v1 only"},
    {R"({"unified":{"../x.y":"1"}})",
     "resources: resources.unified.../x.y must be a file of the cgroup, without slashes"},
    {R"({"unified":{"memory":"1"}})", "resources: resources.unified.memory must be CONTROLLER.NAME"},
    {R"({"rdma":{"x":{}}})", "resources: resources.rdma.x needs hcaHandles or hcaObjects"},
    {R"({"memory":{"kernelTCP":4096}})", "resources: resources.memory.kernelTCP is of cgroup v1 only"},
    {R"({"unified":{"cgroup.freeze":"1"}})", "resources: resources.unified.cgroup.freeze is no resource"},
    {R"({"unified":{"cgroup.procs":"1"}})", "resources: resources.unified.cgroup.procs is no resource"},
    {R"({"unified":{"memory.max":1}})", "resources: resources.unified.memory.max must be a string"},
    {R"({"blockIO":{"weight":5}})",
     "resources: resources.blockIO.weight must be a whole number from 10 to 1000"},
    {R"({"devices":[{"allow":true,"type":"x"}]})", "resources: resources.devices[0].type must be a, b or c"},
    {R"({"devices":[{"allow":true,"access":"rx"}]})",
     "resources: resources.devices[0].access must be made of r, w and m"},
    {R"({"hugepageLimits":[{"pageSize":"../2MB","limit":1}]})",
     "resources: resources.hugepageLimits[0].pageSize must be a size like 2MB"},
    {R"({"pids":{"limit":"many"}})",
     "resources: resources.pids.limit must be a whole number from -1 to 9223372036854775807"},
};

std::string files_of(const Resources& resources) {
  auto values = cgroup_values(resources);
  if (!values) return values.error().message();
  std::string text;
  for (const auto& value : *values) text += value.file + "=" + value.text + ";";
  return text;
}

std::string properties_of(const Resources& resources) {
  auto properties = unit_properties(resources);
  if (!properties) return properties.error().message();
  std::string text;
  for (const auto& one : *properties) text += one + ";";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(resources)

BOOST_AUTO_TEST_CASE(fields_become_files_and_properties) {
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.json) {
      auto parsed = parse_resources(row.json);
      BOOST_REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message()));
      BOOST_TEST(files_of(*parsed) == row.files);
      BOOST_TEST(properties_of(*parsed) == row.properties);
    }
  }
}

BOOST_AUTO_TEST_CASE(wrong_ones_are_named) {
  for (const auto& one : wrong) {
    auto parsed = parse_resources(one.json);
    BOOST_TEST((parsed ? "" : parsed.error().message()) == one.message);
  }
}

BOOST_AUTO_TEST_CASE(what_contradicts_itself) {
  BOOST_TEST(files_of(*parse_resources(R"({"memory":{"swap":100}})")) ==
             "memory.swap: a limit of memory and swap needs a limit of memory");
  BOOST_TEST(files_of(*parse_resources(R"({"memory":{"swap":100,"limit":200}})")) ==
             "memory.swap: must not be less than memory.limit");
  BOOST_TEST(properties_of(*parse_resources(R"({"cpu":{"cpus":"3-1"}})")) ==
             "cpu.cpus: must be a list like 0-3,6, not 3-1");
  BOOST_TEST(properties_of(*parse_resources(R"({"unified":{"cpuset.mems":"0-999999"}})")) ==
             "unified.cpuset.mems: must be a list like 0-3,6, not 0-999999");
}

BOOST_AUTO_TEST_SUITE_END()
