import { library } from '../../tools/tsup-library.js';

export default library({ entries: ['src/index.ts', 'src/proxy.ts'] });
