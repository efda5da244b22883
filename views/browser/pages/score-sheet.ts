import { editableRows } from '../shared/rows.ts';

editableRows();
