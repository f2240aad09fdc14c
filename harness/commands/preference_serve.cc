// `assay preference serve` and `rounds`: people rate blind pairs of responses, and what came of it.
#include <fmt/format.h>

#include <cstdio>

#include "base/log.h"
#include "base/text.h"
#include "harness/commands/options.h"
#include "harness/commands/preference.h"
#include "harness/preference/hidden_set.h"
#include "harness/rating/round.h"
#include "harness/rating/server.h"
#include "harness/rating/session.h"
#include "harness/signals.h"
#include "reports/table.h"

namespace assay::harness {
namespace {

struct ServeArguments {
  HiddenSetOptions set;
  RoundRequest round;
  ListenOptions listen;
  std::string raters;  // a file
  std::vector<std::string> new_links;
  std::vector<std::string> revoke;
};

struct Link {
  std::string rater;
  std::string token;
};

int64_t rater_named(store::Ratings& ratings, const store::Round& round, const std::string& name) {
  std::vector<std::string> names;
  for (const store::Rater& rater : ratings.raters(round.id)) {
    if (rater.name == name) return rater.id;
    names.push_back(rater.name);
  }
  fail(ExitCode::kUsage, "round {} has no rater {}; it has {}", round.name, printable(name), some_of(names));
}

// Adds who is new, and gives links to them and to those who need another.
std::vector<Link> admit_raters(store::Ratings& ratings, const store::Round& round, const ServeArguments& arguments) {
  std::vector<std::string> known;
  for (const store::Rater& rater : ratings.raters(round.id)) known.push_back(rater.name);
  std::vector<Link> links;
  if (!arguments.raters.empty()) {
    for (const std::string& name : read_raters(arguments.raters)) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      links.push_back({name, new_token()});
      ratings.add_rater(round.id, name, token_hash(links.back().token));
    }
  }
  for (const std::string& name : arguments.new_links) {
    const int64_t rater = rater_named(ratings, round, name);
    if (std::any_of(links.begin(), links.end(), [&](const Link& link) { return link.rater == name; })) continue;
    links.push_back({name, new_token()});
    ratings.set_token(rater, token_hash(links.back().token));
  }
  for (const std::string& name : arguments.revoke) ratings.revoke(rater_named(ratings, round, name));
  return links;
}

void print_start(const store::Round& round, const std::vector<Link>& links, const RatingServer& server) {
  fmt::print("round {}: {} runs, {} pairs, {} raters, {} votes so far\n", round.name, round.runs.size(),
             round.progress.items, round.progress.raters, round.progress.votes);
  for (const Link& link : links) fmt::print("  {}  {}/#{}\n", link.rater, server.origin(), link.token);
  if (!links.empty()) fmt::print("each link is its rater's alone, and is not shown again\n");
  fmt::print("listening at {}; Ctrl-C stops, --name {} continues\n", server.origin(), round.name);
  std::fflush(stdout);
}

ExitCode serve(const std::string& database, ServeArguments arguments) {
  const Exposure exposure = read_exposure(arguments.listen);
  if (arguments.round.name.empty()) arguments.round.name = store::default_batch_name();
  if (!arguments.raters.empty()) read_raters(arguments.raters);  // before anything is begun
  const datasets::OpenedSet set = open_hidden_set(arguments.set, datasets::Role::kOperator);
  log_access(database, set, "serve", {{"round", arguments.round.name}, {"runs", arguments.round.runs}});
  OpenedRound opened = open_round(database, arguments.round, set);
  if (opened.left_out > 0) {
    log_warning(fmt::format("{} prompts are left out: not every run has answered them", opened.left_out));
  }
  store::Ratings ratings(database, store::Store::Mode::kWrite);
  const std::string name = opened.round.name;
  Desk desk(database, {opened.round, opened.rules, std::move(opened.material), HiddenTexts(set), {}});
  RatingServer server(desk, exposure);
  const std::vector<Link> links = admit_raters(ratings, opened.round, arguments);
  const store::Round round = ratings.find_round(name);
  if (round.progress.raters == 0) log_warning("the round has no raters; name them with --raters FILE");
  const StopRequest stop;  // before anybody is told that it listens
  print_start(round, links, server);
  server.serve(stop.flag());
  const store::Progress ended = ratings.find_round(name).progress;
  log_note(fmt::format("round {}: {} of {} pairs have their votes ({} votes in all)", name, ended.rated, ended.items,
                       ended.votes));
  return ExitCode::kDone;
}

store::Json round_json(store::Ratings& ratings, const store::Round& round) {
  store::Json raters = store::Json::array();
  for (const store::Rater& rater : ratings.raters(round.id)) {
    raters.push_back(
        {{"name", rater.name}, {"revoked", rater.revoked}, {"votes", rater.votes}, {"assigned", rater.assigned}});
  }
  return {{"name", round.name},
          {"uid", round.uid},
          {"hidden_set", round.hidden_set},
          {"started", round.started},
          {"runs", round.runs},
          {"options", round.options},
          {"pairs", round.progress.items},
          {"pairs_rated", round.progress.rated},
          {"votes", round.progress.votes},
          {"raters", raters}};
}

ExitCode list_rounds(const std::string& database, bool json) {
  store::Ratings ratings(database, store::Store::Mode::kRead);
  reports::Table table({"round", "started", "runs", "raters", "votes", "pairs rated"}, {1, 2});
  store::Json list = store::Json::array();
  for (const store::Round& round : ratings.rounds()) {
    std::vector<std::string> runs;
    for (const int64_t run : round.runs) runs.push_back(std::to_string(run));
    table.add({round.name, round.started, join(runs, ","), std::to_string(round.progress.raters),
               std::to_string(round.progress.votes), fmt::format("{}/{}", round.progress.rated, round.progress.items)});
    list.push_back(round_json(ratings, round));
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : table.text());
  return ExitCode::kDone;
}

ExitCode delete_round(const std::string& database, const std::string& name) {
  store::Ratings ratings(database, store::Store::Mode::kWrite);
  const store::Round round = ratings.find_round(name);
  ratings.delete_round(round.id);
  log_note(fmt::format("deleted round {} with {} votes", round.name, round.progress.votes));
  return ExitCode::kDone;
}

void add_round_options(CLI::App& serve_command, RoundRequest& round) {
  serve_command.add_option("--runs", round.runs, "The runs to compare, comma-separated; each pair of them is rated")
      ->delimiter(',')
      ->type_name("RUN,RUN");
  serve_command.add_option("--name", round.name, "The round's name; one that exists is continued");
  serve_command.add_option("--categories", round.categories, "Prompts of these categories alone")->delimiter(',');
  serve_command.add_option("--overlap", round.overlap, "Raters a pair (default: 1)");
  serve_command.add_option("--repeats", round.repeats,
                           "Share of a rater's pairs that come again, sides exchanged (default: 0.05)");
  serve_command.add_option("--gold", round.gold,
                           "Share in which the second response is one to another prompt (default: 0.03)");
  serve_command.add_option("--items", round.items, "At most so many for a rater (default: no limit)");
  serve_command.add_option("--seed", round.seed, "Of order and sides (default: drawn, and recorded)");
  serve_command.add_option("--lease", round.lease_s,
                           "Seconds after which a pair that was given and not rated is given to another, too "
                           "(default: 3600)");
}

void add_listen_options(CLI::App& serve_command, ListenOptions& listen) {
  serve_command.add_option("--listen", listen.listen, "Address and port; port 0: any that is free")
      ->capture_default_str()
      ->type_name("ADDRESS:PORT");
  serve_command.add_option("--tls-cert", listen.tls_certificate, "Certificate chain in PEM")->type_name("FILE");
  serve_command.add_option("--tls-key", listen.tls_key, "Its key in PEM")->type_name("FILE");
  serve_command
      .add_option("--behind-proxy", listen.behind_proxy,
                  "A proxy ends TLS and passes on to --listen; raters reach it here")
      ->type_name("https://NAME");
}

}  // namespace

void add_preference_serve(CLI::App& command, Action& action) {
  CLI::App* serve_command =
      command.add_subcommand("serve", "Let people rate blind pairs of responses in their browser");
  serve_command->footer(
      "FILE has a rater's name on each line. A rater's link is printed once; --new-links makes another, which ends the "
      "one before.\n"
      "Examples:\n"
      "  assay preference serve --runs base-7b,tuned-7b --raters raters.txt --passphrase-file secret.txt\n"
      "  assay preference serve --name spring --new-links ann --passphrase-file secret.txt");
  auto arguments = std::make_shared<ServeArguments>();
  add_round_options(*serve_command, arguments->round);
  serve_command->add_option("--raters", arguments->raters, "Who rates: one name a line")->type_name("FILE");
  serve_command->add_option("--new-links", arguments->new_links, "Raters who need a new link, comma-separated")
      ->delimiter(',');
  serve_command->add_option("--revoke", arguments->revoke, "Raters whose link ends; their votes stay")->delimiter(',');
  add_listen_options(*serve_command, arguments->listen);
  add_hidden_set(*serve_command, arguments->set);
  const auto database = add_database(*serve_command);
  serve_command->callback([=, &action] { action = [=] { return serve(*database, *arguments); }; });
}

void add_preference_rounds(CLI::App& command, Action& action) {
  CLI::App* rounds = command.add_subcommand("rounds", "List the rounds of rating, or delete one");
  rounds->footer("Examples:\n  assay preference rounds\n  assay preference rounds --delete spring");
  auto deleted = std::make_shared<std::string>();
  CLI::Option* remove = rounds->add_option("--delete", *deleted, "Delete this round with its votes")->type_name("NAME");
  const auto database = add_database(*rounds);
  const auto json = add_json(*rounds);
  rounds->callback([=, &action] {
    action = [=] { return remove->count() > 0 ? delete_round(*database, *deleted) : list_rounds(*database, *json); };
  });
}

}  // namespace assay::harness
