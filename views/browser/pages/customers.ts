import { editableRows } from '../shared/rows.ts';
import { searchAsYouType } from '../shared/search-as-you-type.ts';

searchAsYouType();
editableRows();
