"""The words that station names are made of, by script and by the language they sound like.

The stems are made up or common words; the names composed of them are not meant to be real stations,
so that no model knows them by heart. `{}` in a form stands for the stem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Script: TypeAlias = Literal["latin", "accented", "cjk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What one kind of name is composed of.

    Attributes:
        script: Which characters the names have.
        stems: What tells names apart.
        forms: What a stem may stand in; a form that stands here twice is drawn twice as often.
        apart: Two names of a city differ in more letters than this.
    """

    script: Script
    stems: tuple[str, ...]
    forms: tuple[str, ...]
    apart: int = 2


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_ENGLISH: Final = Words(
    script="latin",
    stems=_list(
        """
        Alderby Ambleton Anvil Arkwell Ashcombe Aspen Badger Barrowby Beacon Beckford Bellmere
        Birchwood Bracken Bramley Brightsea Brindle Caldwick Candle Carrow Castellan Cedar Chalford
        Chestnut Clement Clifton Cloverley Coldbrook Copper Corbel Cranmere Crosby Dalewick Danbury
        Darley Derwent Dovecote Draycott Dunmore Eastwick Eldon Elmsworth Emberley Fairmile Falcon
        Fenwick Fernhill Foxley Garnet Gatwell Gilford Glenmore Goldbridge Granary Greyfield
        Hadley Halewood Hambrook Harrowgate Hartwell Hawthorn Hazelton Heronsby Hollow Huntley
        Ironstone Ivybridge Jasper Jubilee Juniper Kelbrook Kestrel Kingsmere Lambourne Langley
        Lantern Larkfield Laurel Linden Lockwood Lowther Magnolia Maltby Marlow Mayfield Meadow
        Melbury Merchant Milburn Monks Moorgate Nettle Newhaven Northcote Norwood Oakham Orchid
        Otterbourne Oxley Paddock Pemberley Pilgrim Plumtree Portland Priory Quarry Quayside
        Radley Ravens Redmire Ridgeway Rookwood Rosemary Rowan Saddler Saffron Selwyn Shepherd
        Silverdale Skylark Spindle Stanmore Sterling Stonebeck Summer Sycamore Tamarind Tanfield
        Thistle Thornby Tilbury Trellis Turnpike Underhill Upton Velvet Vineyard Walcott Warbler
        Wayland Westbourne Wharfside Whitcombe Willow Winslow Woodlark Wyndham Yarrow Yewdale
        """
    ),
    forms=(
        "{}", "{}", "{}", "{}", "{}", "{} Road", "{} Street", "{} Park", "{} Square", "{} Green",
        "{} Cross", "{} Gate", "{} Bridge", "{} Lane", "{} Hill", "{} Market", "{} Wharf",
        "{} Common", "{} Court", "{} Fields", "{} Heath", "{} Museum", "{} Gardens", "{} Mill",
        "{} North", "{} South", "{} East", "{} Vale", "Upper {}", "Port {}",
    ),
)  # fmt: skip

_FRENCH: Final = Words(
    script="accented",
    stems=_list(
        """
        Aubépine Bélair Bérénice Blériac Bréval Cévenelle Châtaigne Chênebois Clémence Crémieu
        Désirade Écluse Églantine Émeraude Épinette Érable Étangs Fénelon Févriers Forêt Gélinas
        Génétin Grésillon Hélianthe Hérons Hôpital Jérômie Légende Lézarde Lumières Mélèzes
        Mérinos Méridienne Mûriers Nénuphar Océane Orangère Pâquerette Pépinière Pérouse Préville
        Québriac Réglisse Rémusat Rivière Rosière Sérignac Séverine Théâtre Trémière Vallée Vénerie
        Vérone Zéphyr
        """
    ),
    forms=(
        "{}", "{}", "{}", "{}", "Place {}", "Pont {}", "Porte {}", "Quai {}", "Parc {}",
        "Mairie {}", "Rue {}", "{} Nord", "{} Sud", "{} Centre", "Grand {}", "Vieux {}",
    ),
)  # fmt: skip

_GERMAN: Final = Words(
    script="accented",
    stems=_list(
        """
        Ährenfeld Bärenau Bäcker Böttcher Brückner Bücherei Dörnberg Dürrenbach Färber Försterei
        Fürstenau Gänsemarkt Gärtner Glöckner Göltzen Grünwalde Güterhof Hägerstein Häuser Höhen
        Höfling Hülsen Jägerhaus Käthen König Krähenwald Krönung Küfer Kürschner Löwenstein
        Lüneck Mädler Märzen Möwen Mühlen Müller Münzer Nähler Nördling Öhringer Pförtner
        Rüdiger Sägewerk Schäfer Schönau Schützen Störtebek Süderhof Türmer Überlau Vögler
        Wäldchen Wölfel Würzen Zöllner Zünder
        """
    ),
    forms=(
        "{}platz", "{}gasse", "{}brücke", "{}tor", "{}park", "{}allee", "{}ufer", "{}markt",
        "{}damm", "{}berg", "{}weg", "Am {}", "{} Süd", "{} Nord", "Alt {}",
    ),
)  # fmt: skip

_IBERIAN: Final = Words(
    script="accented",
    stems=_list(
        """
        Abedulón Alegría Algodón Almíbar Ámbar Araña Arándano Árboles Azúcar Balcón Bengalí
        Búhos Cañada Castaño Cigüeña Colibrí Cordón Corazón Delfín Doñana Esmerál Espadaña
        Estación Fábrica Faraón Galeón Girasón Halcón Hortensia Jardín Jazmín Lápiz Leñador Limón
        Luciérnaga Mármol Melocotón Muñoz Nácar Olmería Órbita Páramo Peñafría Piñones Relámpago
        Rincón Ruiseñor Sándalo Señoría Trigález Tiburón Turrón Valdeoña Viñedo Volcán Zafirón
        """
    ),
    forms=(
        "{}", "{}", "{}", "{}", "Plaza {}", "Puente {}", "Calle {}", "Puerto {}", "Monte {}",
        "Campo {}", "Villa {}", "Nuevo {}", "{} Norte", "{} Sur", "Torre {}", "Fuente {}",
    ),
)  # fmt: skip

_NORDIC: Final = Words(
    script="accented",
    stems=_list(
        """
        Ålesten Åkervik Åmot Årnes Ärling Ödegård Österlid Øksnes Øverli Bäckalund Bjørkedal
        Blåklint Brønnes Byåker Dalsjö Fågelbo Fjällmo Flåten Frøysund Fyråsen Göinge Gråsten
        Grønnlund Hånes Häggvik Høyland Jåren Kålsjö Kjørbo Kråkmo Kvørnes Långås Løkeberg Lyngør
        Måkeby Møllerud Näsund Nørstrand Ormåsen Pålsund Råsjö Rønning Rørvang Sjögren Skåreby
        Skørping Snåsa Sørhaven Tångvik Tjörnes Tørring Trångby Vågan Vårsta Värtan Vårberga
        """
    ),
    forms=(
        "{}", "{}", "{}", "{}", "{} torg", "{} bru", "{} park", "{} kirke", "{} nord", "{} sør",
        "{} havn", "{} stadion", "Gamle {}", "Nye {}", "Store {}",
    ),
)  # fmt: skip

_CHINESE: Final = Words(
    script="cjk",
    stems=_list(
        """
        云溪 青枫 白鹭 松涛 丹桂 梧桐 芦荻 明湖 银杏 翠岚 兰亭 枫桦 锦澜 望江 听雨 观涛 凤鸣 龙潭
        鹿鸣 鹤舞 杏雨 桃溪 柳荫 梅岭 荷风 莲池 石鼓 铁塔 铜雀 玉磬 珠玑 琴台 书阁 画桥 诗源 墨香
        晨曦 晚霞 星河 月影 日曜 春晖 夏蝉 秋实 冬青 东篱 西岭 南浦 北溟 中和 长乐 永宁 安澜 康宁
        福泽 禄口 寿山 喜临 庆丰 瑞雪 祥云 仁义 礼贤 智慧 信阳 忠诚 勤学 博雅 文昌 武德 江湾 河汇
        海霞 湖滨 溪口 泉城 港务 船厂 渡口 纺织 钢城 陶然 瓷都 茶亭 酒坊 盐仓 米市 果岭 麦田 稻香
        """
    ),
    forms=(
        "{}", "{}", "{}", "{}路", "{}街", "{}桥", "{}门", "{}里", "{}广场", "{}大道", "{}公园",
        "{}新村", "{}东路", "{}西路", "{}南街", "{}北街", "{}医院", "{}大学", "{}体育馆",
        "{}博物馆", "{}植物园", "{}图书馆", "新{}",
    ),
    apart=1,
)  # fmt: skip

WORDS: Final[Mapping[str, Words]] = {
    "english": _ENGLISH,
    "french": _FRENCH,
    "german": _GERMAN,
    "iberian": _IBERIAN,
    "nordic": _NORDIC,
    "chinese": _CHINESE,
}
"""The kinds of names."""
