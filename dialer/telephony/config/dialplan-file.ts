import {
  agentContext,
  amdContext,
  amdVariable,
  applicationVariable,
  echoExtension,
  incomingCall,
  incomingContext,
  returnedFromAmd,
  returnedFromSilence,
  silenceContext,
} from '../dialplan.ts';

/**
 * extensions.conf. Calls are steered by ARI; the dialplan only hands channels over to it, and hosts AMD, which is a
 * dialplan application and has no counterpart in ARI.
 */
export function dialplanFile(app: string): string {
  const handOver = `Stasis(${app},${incomingCall},\${EXTEN})`;
  const back = `\${IF($["\${${applicationVariable}}" = ""]?${app}:\${${applicationVariable}})}`;
  return `; Where calls meet the application "${app}".
; Written by \`ringwise asterisk config\`.

[general]
static = yes
writeprotect = yes
clearglobalvars = no

; Calls that come in from trunks.
[${incomingContext}]
exten => _X.,1,${handOver}
 same => n,Hangup()
exten => _+X.,1,${handOver}
 same => n,Hangup()
exten => s,1,Stasis(${app},${incomingCall},\${CALLERID(dnid)})
 same => n,Hangup()

; Answering-machine detection. The channel comes back to the application with the verdict as Stasis arguments.
; Arguments of AMD: longest silence before a greeting, longest greeting of a person, silence that ends it,
; longest analysis, shortest word, silence between words, most words of a person, silence threshold, longest word.
[${amdContext}]
exten => s,1,GotoIf($["\${${amdVariable}}" = ""]?usual)
 same => n,AMD(\${${amdVariable}})
 same => n,Goto(done)
 same => n(usual),AMD(2500,1500,800,5000,120,50,4,256,5000)
 same => n(done),Stasis(${back},${returnedFromAmd},\${AMDSTATUS},\${AMDCAUSE})
 same => n,Hangup()
exten => h,1,NoOp()

; Before a message is left on a machine: waits for a second and a half of silence, as after its beep, half a minute at most.
[${silenceContext}]
exten => s,1,WaitForSilence(1500,1,30)
 same => n,Stasis(${back},${returnedFromSilence},\${WAITSTATUS})
 same => n,Hangup()
exten => h,1,NoOp()

; Agents' phones are rung; all they dial themselves is a test call, in which they hear their own voice.
[${agentContext}]
exten => ${echoExtension},1,Answer()
 same => n,Set(TIMEOUT(absolute)=60)
 same => n,Echo()
 same => n,Hangup()
exten => _X.,1,Hangup(21)
exten => _+X.,1,Hangup(21)
`;
}
