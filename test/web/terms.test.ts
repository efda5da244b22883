import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { locales, type Locale } from '../../core/i18n/index.ts';
import { paths } from '../../core/paths.ts';

const directory = join(paths.views, 'locales');

/** Every text of a language, as `namespace:key` to text. */
function textsOf(locale: Locale): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'string') found.set(path, value);
    else
      for (const [key, inner] of Object.entries(value as object))
        walk(inner, path.endsWith(':') ? path + key : `${path}.${key}`);
  };
  for (const file of readdirSync(join(directory, locale)))
    walk(JSON.parse(readFileSync(join(directory, locale, file), 'utf8')), `${file.replace(/\.json$/, '')}:`);
  return found;
}

/** The rows of a table of docs/GLOSSARY.md, found by its heading row. */
function glossaryTable(...heading: string[]): string[][] {
  const lines = readFileSync(join(paths.root, 'docs/GLOSSARY.md'), 'utf8').split('\n');
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const start = lines.findIndex((line) => cells(line).join() === heading.join());
  assert.notEqual(start, -1, `docs/GLOSSARY.md has no table ${heading.join(' | ')}`);
  const rows: string[][] = [];
  for (const line of lines.slice(start + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(cells(line));
  }
  return rows;
}

const texts = new Map(locales.map((locale) => [locale, textsOf(locale)]));
const terms = glossaryTable('en', 'zh-CN', 'zh-TW', 'not (en)', '不用 (zh-CN)', '不用 (zh-TW)');
const across = glossaryTable('en', 'zh-CN', 'zh-TW');

/** Letters that only one of the two scripts writes; enough of them that no sentence slips through. */
const simplifiedOnly =
  '们个为义乐习书买产亲仅从仓仪价众优会伟传伤伦体债倾储儿关兴养内冲决况净凤击凭划则刚创删别剂剑劝办务动劳势勋' +
  '协单卖卫厂历压厅厌县参双发变叙号叶后听启员响园围图团圆坏块坚坛垫垒报场复够头夹夺奋奖妇妈孙学宁实审宪宽对寻导' +
  '寿将尔尘尝层届属岁岗币帅师帐带帮广庆库应庙废开异弃张弹强归当录彻态怀总恋恶悬惊惧惯愿懒战户执扩扫扬扰抚抛护担' +
  '拟择挂换据损摆摇摊撑敌断无时显术权条来标栈树档桥检楼横欢欧残毕毙汇汉污汤沟没泪泽洁浅测济浏润涨渊湿溃滚满滞潜' +
  '灭灯灵灾点炼热爱牵独环现电画畅疗盐监盖盘码确础离种积称稳穷窍窜竞笔筛签简类粮紧红约级纪纯纲纳纷纸纹线练组细终' +
  '绍经结绕绘给络绝统继绩绪续综绿缓编缘缩网罗罚职联聪肃肤胁胜脑脚脱艰节范药营虑虽蚁补装见观规视览觉触计订认讨让' +
  '训议讯记讲许论设访证评识诉词译试话询该详语误说请诸课谁调谈谢谱账货质购贴贵费资赋赏赖赢赶趋跃践车转轮软轻载输' +
  '辑边达迁过运还这进远违连迟适选递逻遗邮邻郑酿释钟钱链销锁错键长门问间闻阅队阶际陆陈险随隐难页项顺须顾预领频' +
  '题额风飞饭饮馆驱验骤麦黄齐';
const traditionalOnly =
  '們個為義樂習書買產親僅從倉儀價眾優會偉傳傷體債儲兒關興養內沖決況淨準擊憑劃則剛創刪別劍勸辦務動勞勢協單賣衛廠' +
  '歷壓廳縣參雙發變敘號葉後聽啟員響園圍圖團圓壞塊堅報場複夠頭獎婦媽孫學寧實審寬對尋導將爾層屆屬歲崗幣師帳帶幫廣' +
  '庫應廢開異棄張彈強歸當錄徹態懷總惡懸驚慣願戰戶執擴掃擾護擔擬擇掛換據損擺斷無時顯術權條來標樹檔橋檢樓橫歡殘畢' +
  '匯漢沒淚潔淺測濟瀏潤漲濕滾滿滯潛滅燈靈災點熱愛獨環現電畫暢監蓋盤碼確礎離種積稱穩窮競筆篩簽簡類糧緊紅約級紀純' +
  '納紛紙線練組細終經結繞給絡絕統繼續維綠緩編緣縮網羅職聯肅勝腦腳脫節範藥營慮雖補裝見觀規視覽覺觸計訂認討讓訓議' +
  '訊記講許論設訪證評識訴詞譯試話詢該詳語誤說請課誰調談謝賬貨質購貼貴費資賴趕車轉輪軟輕載輸輯邊達遷過運還這進遠' +
  '違連遲適選遞邏遺郵鄰釋裡鐘錢鏈銷鎖錯鍵長門問間聞閱隊階際陸陳險隨隱難頁項順須顧預領頻題額風飛飯飲館驅驗驟麥黃' +
  '齊';

// The terms of the other side, as a mere change of script would bring them over.
const mainlandTerms =
  '軟件 網絡 用戶 數據 默認 設置 信息 短信 屏幕 服務器 端口 登錄 賬號 打印 導入 導出 視頻 緩存 菜單 鏈接 搜索 質量 運營商 刷新 添加 隊列 手機號'.split(
    ' ',
  );
const taiwanTerms =
  '软体 网路 资料库 储存 预设 设定 萤幕 程式 登入 登出 帐号 列印 汇入 汇出 品质 支援 快取 选单 连结 搜寻 档案 简讯 介面 电信业者 佇列 使用者'.split(
    ' ',
  );

function refuse(locale: Locale, words: readonly string[], why: string): void {
  const wrong: string[] = [];
  for (const [key, text] of texts.get(locale)!)
    for (const word of words) {
      const found = locale === 'en' ? new RegExp(`\\b${word}\\b`, 'i').test(text) : text.includes(word);
      if (found) wrong.push(`${locale} ${key}: “${word}” in “${text}”`);
    }
  assert.deepEqual(wrong, [], why);
}

describe('terms', () => {
  it('are one for each thing, in every language, as docs/GLOSSARY.md says', () => {
    assert.ok(terms.length > 40);
    refuse(
      'en',
      terms
        .flatMap((row) => row[3]!.split(','))
        .map((w) => w.trim())
        .filter(Boolean),
      'glossary',
    );
    refuse('zh-CN', terms.flatMap((row) => row[4]!.split('、')).filter(Boolean), 'glossary');
    refuse('zh-TW', terms.flatMap((row) => row[5]!.split('、')).filter(Boolean), 'glossary');
  });

  it('are those of their own side of the strait', () => {
    assert.ok(across.length > 30);
    refuse('zh-TW', [...across.map((row) => row[1]!), ...mainlandTerms], 'a Mainland term in zh-TW');
    refuse('zh-CN', [...across.map((row) => row[2]!), ...taiwanTerms], 'a Taiwan term in zh-CN');
  });

  it('are written in their own script', () => {
    refuse('zh-TW', [...simplifiedOnly], 'simplified');
    refuse('zh-CN', [...traditionalOnly], 'traditional');
  });

  it('are spelled as in Britain', () => {
    refuse(
      'en',
      ['dialing', 'dialed', 'canceled', 'canceling', 'color', 'colors', 'center', 'centers', 'organization', 'behavior', 'labeled', 'gray', 'catalog', 'favorite'], // prettier-ignore
      'American',
    );
  });

  it('of states and outcomes are the same wherever they are shown', () => {
    const groups = [
      ['campaigns:states', 'reports:campaignState', 'reports:chart.campaignState', 'workspace:campaignState'],
      ['campaigns:leadStates', 'reports:chart.leadState'],
      ['crm:outcomes', 'reports:chart.outcome', 'workspace:outcome'],
      ['reports:chart.agentState', 'workspace:state'],
    ];
    const wrong: string[] = [];
    for (const locale of locales)
      for (const group of groups) {
        const said = new Map<string, Map<string, string>>();
        for (const prefix of group)
          for (const [key, text] of texts.get(locale)!)
            if (key.startsWith(`${prefix}.`)) {
              const name = key.slice(prefix.length + 1);
              said.set(name, (said.get(name) ?? new Map()).set(text.toLowerCase(), key));
            }
        assert.ok(said.size > 3, group.join());
        for (const [name, ways] of said)
          if (ways.size > 1)
            wrong.push(`${locale} ${name}: ${[...ways].map((way) => way.join(' ')).join(', ')}`);
      }
    assert.deepEqual(wrong, []);
  });
});
