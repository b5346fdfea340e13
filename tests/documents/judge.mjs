// Judges documents by other people's rules, and prints their findings as JSON: {file: [{judge, rule, message, place}]}.
//   node judge.mjs openapi FILE…    Spectral's and Redocly's recommended rules
//   node judge.mjs asyncapi FILE…   the AsyncAPI parser
import { readFileSync } from "node:fs";

const [kind, ...files] = process.argv.slice(2);

async function spectral() {
  const core = (await import("@stoplight/spectral-core")).default;
  const parsers = (await import("@stoplight/spectral-parsers")).default;
  const { oas } = (await import("@stoplight/spectral-rulesets")).default;
  const judge = new core.Spectral();
  judge.setRuleset({ extends: [oas] });
  return async (file) => {
    const found = await judge.run(new core.Document(readFileSync(file, "utf8"), parsers.Json, file));
    return found.map((each) => ({ judge: "spectral", rule: each.code, message: each.message, place: each.path.join(".") }));
  };
}

async function redocly() {
  const { createConfig, lint } = await import("@redocly/openapi-core");
  // Both of these paths have a name and an act, and no method in common: PUT by-reference/{name}, POST {id}/withdraw.
  const config = await createConfig({ extends: ["recommended-strict"], rules: { "no-ambiguous-paths": "off" } });
  return async (file) => {
    const found = await lint({ ref: file, config });
    return found.map((each) => ({
      judge: "redocly",
      rule: each.ruleId,
      message: each.message,
      place: each.location[0]?.pointer ?? "",
    }));
  };
}

async function asyncapi() {
  const { Parser } = await import("@asyncapi/parser");
  const judge = new Parser();
  const severe = 1; // 0 error, 1 warning; what is below says that a newer version of AsyncAPI exists
  return async (file) => {
    const { diagnostics } = await judge.parse(readFileSync(file, "utf8"));
    return diagnostics
      .filter((each) => each.severity <= severe)
      .map((each) => ({ judge: "asyncapi", rule: each.code, message: each.message, place: each.path.join(".") }));
  };
}

const judges = await Promise.all(kind === "openapi" ? [spectral(), redocly()] : [asyncapi()]);
const found = {};
for (const file of files) found[file] = (await Promise.all(judges.map((judge) => judge(file)))).flat();
process.stdout.write(JSON.stringify(found));
