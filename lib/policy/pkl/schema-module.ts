/** Name under which Pkl policies amend the module: `modulepath:/oathmesh-policy.pkl`. */
export const SCHEMA_MODULE_FILE = 'oathmesh-policy.pkl'

/**
 * The text of `schema/pkl/oathmesh-policy.pkl`; a test holds them equal. It is part of the program so
 * that a bundle copied elsewhere needs no file beside it, and none that someone could have changed.
 */
export const SCHEMA_MODULE = `/// What an OathMesh policy says. Amend it: \`amends "modulepath:/oathmesh-policy.pkl"\`.
///
/// The first rule that matches a call decides. The last one is named "default" and denies.
module oathmesh.policy

typealias Text = String(!isEmpty && length <= 512)

/// The token must carry every scope. Compared exactly.
typealias Scopes = Listing<Text>(!isEmpty)

/// Where a call comes from, as its issuer stated it. Globs.
class Source {
  type: Text?
  repo: Text?
  workflow: Text?
}

/// Claims that must all fit. Texts are globs: \`*\` stands for any text, \`/\` included.
/// A claim that the token lacks fits nothing, not even \`*\`.
class Match {
  sub: Text?
  act: Text?
  env: Text?
  tenant: Text?
  iss: Text?
  aud: Text?
  scope: Scopes?
  src: Source?
}

class Rule {
  /// Unique; the audit line of a call that it decides gives it as \`policy:<name>\`.
  name: String(length.isBetween(1, 128))

  /// A rule that allows must say something here.
  match: Match?

  allow: Boolean

  /// For whoever reads the policy. Callers never see it.
  denyReason: Text?
}

version: Int(this == 1) = 1

/// The issuers this policy is written for. The gateway must trust each of them.
issuers: Listing<Text>(!isEmpty, isDistinct)

/// The audiences this policy is written for. The gateway's must be among them.
audiences: Listing<Text>(!isEmpty, isDistinct)

local endsInDeny = (list) ->
  let (last = list.toList().last) last.name == "default" && !last.allow

local namesDiffer = (list) -> list.toList().isDistinctBy((rule) -> rule.name)

local allowsSomething = (list) -> list.toList().every((rule) -> !rule.allow || rule.match != null)

rules: Listing<Rule>(
  !isEmpty,
  endsInDeny.apply(this),
  namesDiffer.apply(this),
  allowsSomething.apply(this)
)
`
