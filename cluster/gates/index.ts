/** The gates of a stack: for each step what to watch, who judges it, and what to say when it does not come. */
export { membershipGate } from "./membership";
export { operatorGate } from "./operator";
export { pieceGate, type PieceReady, type PieceRef } from "./piece";
export { rolloutGate } from "./rollout";
export { gatewayRoutesGate, namedRoutesGate, stackRoutesGate } from "./routes";
