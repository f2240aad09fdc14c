// One HTTP request of a download and how it ended: the part of datasets/download that speaks libcurl.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <string>

#include "datasets/download.h"

namespace assay::datasets {

struct Transfer {
  enum class End {
    kWhole,        // the part file has all that the server has
    kCutOff,       // stalled, dropped, or the server is in trouble: worth another try
    kNotThisPart,  // the server does not know the part that is here: worth another try without it
    kRefused,      // an answer that another try will not change
    kUnreachable,  // the same, for every file of the host
    kWrong,        // an answer that is certainly not the file
  };
  End end = End::kCutOff;
  std::string why;  // for a message, after the address; empty when whole
};

// What is here already, and by what the server knew it ("": unknown).
struct Here {
  int64_t bytes = 0;
  std::string validator;
};

// Asks for what is missing and appends it; where the server sends the whole file, starts over. `starts_over` is called
// with the new validator before the first byte is written. Error(kIo), Error(kInterrupted).
Transfer transfer_once(CURL* handle, const Address& address, const Here& here, double stall_seconds, const Watch& watch,
                       const std::function<void(const std::string& validator)>& starts_over);

}  // namespace assay::datasets
