export { SendPage } from './send-page';
export { SendsPage } from './sends-page';
