import { testAccessibility } from './accessibility';
import { testADayPasses } from './a-day-passes';
import { testAutomaticActions } from './automatic-actions';
import { testChats } from './chats';
import { testConfidential } from './confidential';
import { testKeyboard } from './keyboard';
import { testLog } from './log';
import { testMedia } from './media';
import { testMail } from './mail';
import { testNarrow } from './narrow';
import { createScene, type Scene } from './scene';
import { testSignIn } from './sign-in';
import { testStageMove } from './stage-move';
import { testWeight } from './weight';
import { testWriting } from './writing';

// Browsers take their time on a machine with other work to do.
jest.setTimeout(180_000);

// One start of the product for all: it takes longer than most of the tests.
let scene: Scene;

beforeAll(async () => {
  scene = await createScene();
}, 180_000);
afterEach(() => scene.visitors.leave());
afterAll(async () => {
  await scene.close();
});

const now = () => scene;

describe('signing in', () => testSignIn(now));
describe('a stage move', () => testStageMove(now));
describe('automatic actions', () => testAutomaticActions(now));
describe('chats', () => testChats(now));
describe('writing', () => testWriting(now));
describe('the log', () => testLog(now));
describe('media', () => testMedia(now));
describe('e-mail', () => testMail(now));
describe('confidential e-mail', () => testConfidential(now));
describe('by keyboard alone', () => testKeyboard(now));
describe('at 375 × 812', () => testNarrow(now));
describe('the web', () => testWeight(now));
describe('accessibility', () => testAccessibility(now));
// It sets the clock forward: nothing may come after it.
describe('a day passes', () => testADayPasses(now));
