// Package oathmesh calls APIs behind OathMesh: it mints one token for every request that is sent.
//
// Tokens are single-use Ed25519 tokens (`om+jwt`) that live at most five minutes, so there is nothing to
// cache. [Client] signs requests of net/http, as an [http.RoundTripper] or one by one.
//
// Services that are not behind a gateway verify for themselves, with package verify.
package oathmesh
