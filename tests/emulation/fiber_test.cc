// Both ways to switch stacks: order, dropped bodies, exceptions inside, the depth of a stack.
#include "tests/emulation/fiber.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace assay::testing {
namespace {

using emulation::BasicFiber;

template <typename Switch>
class Fibers : public ::testing::Test {
 protected:
  struct Worker {
    BasicFiber<Switch> fiber;
    std::string* log = nullptr;
    char name = ' ';
    Worker* next = nullptr;
  };

  // Writes its name three times and pauses after each.
  static void thrice(void* argument) {
    auto& self = *static_cast<Worker*>(argument);
    for (int i = 0; i < 3; ++i) {
      *self.log += self.name;
      self.fiber.pause();
    }
  }
};

#if defined(__x86_64__)
using Switches = ::testing::Types<emulation::AssemblySwitch, emulation::UcontextSwitch>;
#else
using Switches = ::testing::Types<emulation::UcontextSwitch>;
#endif
TYPED_TEST_SUITE(Fibers, Switches);

TYPED_TEST(Fibers, PauseAndGoOnWhereTheyWere) {
  std::string log;
  typename TestFixture::Worker a, b;
  a.log = b.log = &log;
  a.name = 'a';
  b.name = 'b';
  EXPECT_TRUE(a.fiber.ended());
  a.fiber.start(&TestFixture::thrice, &a);
  b.fiber.start(&TestFixture::thrice, &b);
  EXPECT_FALSE(a.fiber.ended());
  for (int i = 0; i < 2; ++i) {
    a.fiber.resume();
    b.fiber.resume();
  }
  EXPECT_EQ(log, "abab");
  b.fiber.resume();
  b.fiber.resume();
  EXPECT_TRUE(b.fiber.ended());
  EXPECT_FALSE(a.fiber.ended());
  // A body that is dropped in the middle begins anew.
  a.fiber.start(&TestFixture::thrice, &a);
  for (int i = 0; i < 4; ++i) a.fiber.resume();
  EXPECT_TRUE(a.fiber.ended());
  EXPECT_EQ(log, "ababbaaa");
}

TYPED_TEST(Fibers, HandOverAndTheLastOneReturns) {
  using Member = typename TestFixture::Worker;
  std::string log;
  std::vector<std::unique_ptr<Member>> ring;
  for (const char name : {'a', 'b', 'c'}) {
    ring.push_back(std::make_unique<Member>());
    ring.back()->log = &log;
    ring.back()->name = name;
  }
  for (size_t i = 0; i < ring.size(); ++i) {
    ring[i]->next = ring[(i + 1) % ring.size()].get();
    ring[i]->fiber.start(
        [](void* argument) {
          auto& self = *static_cast<Member*>(argument);
          for (int turn = 0; turn < 2; ++turn) {
            *self.log += self.name;
            self.fiber.hand_over(self.next->fiber);
          }
          *self.log += static_cast<char>(self.name - 'a' + 'A');
        },
        ring[i].get());
  }
  ring[0]->fiber.resume();
  EXPECT_EQ(log, "abcabcA");
  EXPECT_TRUE(ring[0]->fiber.ended());
  ring[2]->fiber.resume();
  ring[1]->fiber.resume();
  EXPECT_EQ(log, "abcabcACB");
}

TYPED_TEST(Fibers, ExceptionsStayInside) {
  typename TestFixture::Worker worker;
  std::string log;
  worker.log = &log;
  worker.fiber.start(
      [](void* argument) {
        auto& self = *static_cast<typename TestFixture::Worker*>(argument);
        for (const char* message : {"one", "two"}) {
          try {
            self.fiber.pause();
            throw std::runtime_error(message);
          } catch (const std::runtime_error& error) {
            *self.log += error.what();
          }
        }
      },
      &worker);
  for (int i = 0; i < 3; ++i) {
    worker.fiber.resume();
    // One in the caller between two of the fiber's.
    EXPECT_THROW(throw std::logic_error("outside"), std::logic_error);
  }
  EXPECT_EQ(log, "onetwo");
}

int sum_down(int n) {
  volatile char room[64] = {1};
  return n == 0 ? 0 : room[0] + sum_down(n - 1);
}

TYPED_TEST(Fibers, AStackIsDeepAndKnowsItsOwn) {
  typename TestFixture::Worker worker;
  std::string log;
  worker.log = &log;
  worker.fiber.start(
      [](void* argument) {
        auto& self = *static_cast<typename TestFixture::Worker*>(argument);
        const int local = sum_down(500);
        *self.log = self.fiber.owns(&local) && local == 500 ? "own" : "foreign";
      },
      &worker);
  worker.fiber.resume();
  EXPECT_EQ(log, "own");
  EXPECT_FALSE(worker.fiber.owns(&log));
}

}  // namespace
}  // namespace assay::testing
