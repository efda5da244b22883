import { Workspace } from '../workspace/workspace.ts';

void new Workspace().start();
