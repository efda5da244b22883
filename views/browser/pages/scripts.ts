import { ScriptEditor } from '../crm/script-editor.ts';
import { mountReading } from '../crm/script-preview.ts';

if (document.getElementById('script-editor')) new ScriptEditor();
else mountReading();
