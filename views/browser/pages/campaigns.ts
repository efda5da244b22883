import { choices } from '../campaigns/choices.ts';
import { dispositionEnd } from '../campaigns/disposition-end.ts';
import { fetchedParts } from '../campaigns/fetched-parts.ts';
import { hoursTools } from '../campaigns/hours.ts';
import { modeSections } from '../campaigns/modes.ts';
import { scriptEditor } from '../campaigns/script-editor.ts';
import { zoneOfCountry } from '../campaigns/zone-of-country.ts';
import { editableRows } from '../shared/rows.ts';
import { searchAsYouType } from '../shared/search-as-you-type.ts';

searchAsYouType();
editableRows();
choices();
hoursTools();
dispositionEnd();
modeSections();
scriptEditor();
zoneOfCountry();
fetchedParts();
