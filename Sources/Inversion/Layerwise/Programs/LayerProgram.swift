/// The convex programs that invert one layer, each ready to be solved and with a starting point.
///
/// Points and certificates are in the caller's units throughout.
package enum LayerProgram {}
