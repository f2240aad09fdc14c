// Options that several commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::harness {

// --db, else ASSAY_DB, else ./assay.db.
std::shared_ptr<std::string> add_database(CLI::App& command);

// --data-dir: folders of benchmark data, colon-separated.
void add_data_dir(CLI::App& command, std::optional<std::string>& value);

std::shared_ptr<bool> add_json(CLI::App& command);

// Lets `value` be one of the names in `allowed`; an error names them.
CLI::Option* add_choice(CLI::App& command, const std::string& name, std::string& value,
                        const std::vector<std::string>& allowed, const std::string& help);

// --protocol; `value` holds the default.
void add_protocol(CLI::App& command, std::string& value);

// Once the options are parsed: what --protocol says, or where it was not given what the tasks and groups imply.
std::string protocol_of(const CLI::App& command, const std::vector<std::string>& tasks, const std::string& value);

// The folders that are searched, as text.
std::vector<std::string> data_folder_names(const std::optional<std::string>& data_dir);

}  // namespace assay::harness
