export { BoardPage } from './board-page';
export { MatchPage } from './match-page';
