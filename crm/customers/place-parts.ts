/**
 * Parts of countries by their ISO 3166-2 code: `code|older code|English|简体|繁體|other spellings, by commas`.
 * Where the complex script is as the simple one it is left out.
 */
export const placeParts: Readonly<Record<string, string>> = {
  US: `
AL||Alabama|亚拉巴马州|阿拉巴馬州|阿拉巴马州
AK||Alaska|阿拉斯加州
AZ||Arizona|亚利桑那州|亞利桑那州
AR||Arkansas|阿肯色州
CA||California|加利福尼亚州|加利福尼亞州|加州
CO||Colorado|科罗拉多州|科羅拉多州
CT||Connecticut|康涅狄格州|康乃狄克州
DE||Delaware|特拉华州|德拉瓦州
DC||District of Columbia|哥伦比亚特区|哥倫比亞特區|华盛顿特区,華盛頓特區,Washington DC
FL||Florida|佛罗里达州|佛羅里達州
GA||Georgia|佐治亚州|喬治亞州
HI||Hawaii|夏威夷州
ID||Idaho|爱达荷州|愛達荷州
IL||Illinois|伊利诺伊州|伊利諾州|伊利諾伊州
IN||Indiana|印第安纳州|印第安納州
IA||Iowa|艾奥瓦州|愛荷華州|爱荷华州
KS||Kansas|堪萨斯州|堪薩斯州
KY||Kentucky|肯塔基州
LA||Louisiana|路易斯安那州
ME||Maine|缅因州|緬因州
MD||Maryland|马里兰州|馬里蘭州
MA||Massachusetts|马萨诸塞州|麻薩諸塞州|麻省
MI||Michigan|密歇根州|密西根州
MN||Minnesota|明尼苏达州|明尼蘇達州
MS||Mississippi|密西西比州
MO||Missouri|密苏里州|密蘇里州
MT||Montana|蒙大拿州
NE||Nebraska|内布拉斯加州|內布拉斯加州
NV||Nevada|内华达州|內華達州
NH||New Hampshire|新罕布什尔州|新罕布夏州
NJ||New Jersey|新泽西州|紐澤西州|新澤西州
NM||New Mexico|新墨西哥州
NY||New York|纽约州|紐約州
NC||North Carolina|北卡罗来纳州|北卡羅來納州
ND||North Dakota|北达科他州|北達科他州
OH||Ohio|俄亥俄州
OK||Oklahoma|俄克拉何马州|奧克拉荷馬州|俄克拉荷马州
OR||Oregon|俄勒冈州|奧勒岡州
PA||Pennsylvania|宾夕法尼亚州|賓夕法尼亞州|宾州,賓州
RI||Rhode Island|罗得岛州|羅德島州
SC||South Carolina|南卡罗来纳州|南卡羅來納州
SD||South Dakota|南达科他州|南達科他州
TN||Tennessee|田纳西州|田納西州
TX||Texas|得克萨斯州|德克薩斯州|德克萨斯州
UT||Utah|犹他州|猶他州
VT||Vermont|佛蒙特州
VA||Virginia|弗吉尼亚州|維吉尼亞州
WA||Washington|华盛顿州|華盛頓州
WV||West Virginia|西弗吉尼亚州|西維吉尼亞州
WI||Wisconsin|威斯康星州|威斯康辛州
WY||Wyoming|怀俄明州|懷俄明州
PR||Puerto Rico|波多黎各
GU||Guam|关岛|關島
VI||US Virgin Islands|美属维尔京群岛|美屬維京群島|Virgin Islands
MP||Northern Mariana Islands|北马里亚纳群岛|北馬利安納群島
AS||American Samoa|美属萨摩亚|美屬薩摩亞`,
  CA: `
AB||Alberta|艾伯塔省|亞伯達省|阿尔伯塔省
BC||British Columbia|不列颠哥伦比亚省|卑詩省|不列顛哥倫比亞省
MB||Manitoba|马尼托巴省|曼尼托巴省
NB||New Brunswick|新不伦瑞克省|新伯倫瑞克省
NL||Newfoundland and Labrador|纽芬兰与拉布拉多省|紐芬蘭與拉布拉多省
NS||Nova Scotia|新斯科舍省|新斯科細亞省
ON||Ontario|安大略省
PE||Prince Edward Island|爱德华王子岛省|愛德華王子島省
QC||Quebec|魁北克省
SK||Saskatchewan|萨斯喀彻温省|薩斯喀徹溫省
NT||Northwest Territories|西北地区|西北領地
NU||Nunavut|努纳武特地区|努納武特地區
YT||Yukon|育空地区|育空地區`,
  AU: `
NSW||New South Wales|新南威尔士州|新南威爾斯州
QLD||Queensland|昆士兰州|昆士蘭州
SA||South Australia|南澳大利亚州|南澳州
TAS||Tasmania|塔斯马尼亚州|塔斯馬尼亞州
VIC||Victoria|维多利亚州|維多利亞州
WA||Western Australia|西澳大利亚州|西澳州
ACT||Australian Capital Territory|澳大利亚首都领地|澳洲首都特區
NT||Northern Territory|北领地|北領地`,
  GB: `
ENG||England|英格兰|英格蘭
SCT||Scotland|苏格兰|蘇格蘭
WLS||Wales|威尔士|威爾斯
NIR||Northern Ireland|北爱尔兰|北愛爾蘭`,
  CN: `
AH|34|Anhui|安徽
BJ|11|Beijing|北京||Peking
CQ|50|Chongqing|重庆|重慶|Chungking
FJ|35|Fujian|福建
GD|44|Guangdong|广东|廣東|Canton
GS|62|Gansu|甘肃|甘肅
GX|45|Guangxi|广西|廣西
GZ|52|Guizhou|贵州|貴州
HA|41|Henan|河南
HB|42|Hubei|湖北
HE|13|Hebei|河北
HI|46|Hainan|海南
HK|91|Hong Kong|香港
HL|23|Heilongjiang|黑龙江|黑龍江
HN|43|Hunan|湖南
JL|22|Jilin|吉林
JS|32|Jiangsu|江苏|江蘇
JX|36|Jiangxi|江西
LN|21|Liaoning|辽宁|遼寧
MO|92|Macao|澳门|澳門|Macau
NM|15|Inner Mongolia|内蒙古|內蒙古|Nei Mongol,Neimenggu,Nei Menggu
NX|64|Ningxia|宁夏|寧夏
QH|63|Qinghai|青海
SC|51|Sichuan|四川||Szechuan
SD|37|Shandong|山东|山東
SH|31|Shanghai|上海
SN|61|Shaanxi|陕西|陝西
SX|14|Shanxi|山西
TJ|12|Tianjin|天津
TW|71|Taiwan|台湾|臺灣
XJ|65|Xinjiang|新疆
XZ|54|Tibet|西藏||Xizang
YN|53|Yunnan|云南|雲南
ZJ|33|Zhejiang|浙江`,
  TW: `
CHA||Changhua|彰化县|彰化縣
CYI||Chiayi City|嘉义市|嘉義市
CYQ||Chiayi County|嘉义县|嘉義縣
HSZ||Hsinchu City|新竹市
HSQ||Hsinchu County|新竹县|新竹縣
HUA||Hualien|花莲县|花蓮縣
ILA||Yilan|宜兰县|宜蘭縣|Ilan
KEE||Keelung|基隆市
KHH|KHQ|Kaohsiung|高雄市
KIN||Kinmen|金门县|金門縣
LIE||Lienchiang|连江县|連江縣|马祖,馬祖,Matsu
MIA||Miaoli|苗栗县|苗栗縣
NAN||Nantou|南投县|南投縣
NWT|TPQ|New Taipei|新北市||Xinbei,Taipei County,臺北縣
PEN||Penghu|澎湖县|澎湖縣
PIF||Pingtung|屏东县|屏東縣
TAO||Taoyuan|桃园市|桃園市|桃園縣
TNN|TNQ|Tainan|台南市|臺南市|臺南縣
TPE||Taipei|台北市|臺北市
TTT||Taitung|台东县|臺東縣
TXG|TXQ|Taichung|台中市|臺中市|臺中縣
YUN||Yunlin|云林县|雲林縣`,
};
