export { conversation } from './conversation';
export { stageMove } from './stage-move';
